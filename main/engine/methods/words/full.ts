import type { MethodWords } from '../../nn'

export const fullWords = {
  about: {
    name: { en: 'Full fine-tuning', zh: '全量微调' },
    summary: {
      en: 'Every parameter of the model is updated, as in pretraining: the most freedom, the most memory.',
      zh: '像预训练那样更新模型的全部参数：自由度最大，也最占内存。',
    },
    papers: [
      {
        title: 'Improving Language Understanding by Generative Pre-Training (2018)',
        url: 'https://openai.com/research/language-unsupervised',
      },
    ],
    places: [
      {
        place: 'weights',
        change: 'trained',
        what: { en: 'every weight of the model learns', zh: '模型的每一个权重都参与学习' },
      },
    ],
    trainableFormula: { en: 'all parameters of the model', zh: '模型的全部参数' },
    memory: [
      {
        en: 'weights, gradients and two optimiser moments: 16 bytes for each parameter of the model',
        zh: '权重、梯度和优化器的两个动量：模型的每个参数占 16 字节',
      },
      { en: 'activations of every layer', zh: '每一层的激活值' },
    ],
    learningRate: { default: 2e-4, low: 1e-6, high: 1e-3 },
    steps: [
      { en: 'Start from the pretrained model.', zh: '从预训练好的模型开始。' },
      {
        en: 'Go on training it on the smaller, labelled dataset of the task, with a smaller learning rate.',
        zh: '用规模较小、带标注的任务数据集继续训练，学习率取得更小。',
      },
      {
        en: 'The error flows back through all layers, and every parameter is updated in each step.',
        zh: '误差反向传过所有层，每一步都更新全部参数。',
      },
      { en: 'What comes out is a whole model of the same size.', zh: '得到的是一个同样大小的完整模型。' },
    ],
    strengths: [
      { en: 'Needs much less data than training a model from scratch.', zh: '所需数据远少于从零开始训练。' },
      {
        en: 'The highest accuracy where there is enough data: nothing limits what the model may learn.',
        zh: '数据充足时准确率最高：模型能学什么不受限制。',
      },
      { en: 'More robust: the whole model adapts to the task.', zh: '更稳健：整个模型都适应了任务。' },
    ],
    weaknesses: [
      { en: 'Computing is costly: every weight has a gradient.', zh: '计算成本高：每个权重都要算梯度。' },
      {
        en: 'Takes much memory: about four times the weights, and the activations.',
        zh: '内存占用大：大约是权重的四倍，另加激活值。',
      },
      { en: 'Every task is a whole model on the disk.', zh: '每个任务都要在磁盘上存一个完整的模型。' },
      {
        en: 'Takes time and experience; on few rows it over-fits easily and forgets what pretraining taught.',
        zh: '费时，也需要经验；数据少时容易过拟合，并遗忘预训练学到的知识。',
      },
    ],
    example: {
      en: 'A model of 135 M parameters in float32: 0.54 GB of weights, as much again for the gradients, twice as much for the two moments. That is 2.2 GB before a single activation is kept.',
      zh: '一个 1.35 亿参数的 float32 模型：权重 0.54 GB，梯度同样大，两个动量再加一倍，还没算任何激活值就已是 2.2 GB。',
    },
  },
  parameters: {},
} as const satisfies MethodWords
