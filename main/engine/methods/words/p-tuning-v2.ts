import type { MethodWords } from '../../nn'

export const pTuningV2Words = {
  about: {
    name: { en: 'P-Tuning v2', zh: 'P-Tuning v2' },
    summary: {
      en: 'Continuous prompts enter every layer, not only the first: made for understanding tasks, also on smaller models.',
      zh: '连续提示进入每一层，而不只是第一层：为理解类任务而设计，在较小的模型上同样有效。',
    },
    papers: [
      {
        title: 'P-Tuning v2: Prompt Tuning Can Be Comparable to Fine-tuning Universally Across Scales and Tasks (2021)',
        url: 'https://arxiv.org/abs/2110.07602',
      },
    ],
    places: [
      {
        place: 'key-value',
        change: 'added',
        what: {
          en: 'deep prompts: in every layer, learned keys and values before those of the text',
          zh: '深层提示：在每一层中，排在文本的键和值之前的、学出来的键和值',
        },
      },
      {
        place: 'head',
        change: 'trained',
        what: {
          en: 'the classification head, where texts are classified',
          zh: '做分类任务时的分类头',
        },
      },
    ],
    trainableFormula: {
      en: 'virtual tokens · layers · 2 · width of keys; for classification also labels · hidden size',
      zh: '虚拟 token 数 × 层数 × 2 × 键的宽度；做分类时再加上 标签数 × 隐藏维度',
    },
    memory: [
      { en: 'the frozen weights, without gradients or optimiser state', zh: '冻结的权重，没有梯度，也没有优化器状态' },
      { en: 'activations of every layer', zh: '每一层的激活值' },
      {
        en: 'the prompts, and the classification head, with gradients and two moments, 16 bytes a parameter',
        zh: '深层提示和分类头，及其梯度和两个动量，每个参数 16 字节',
      },
    ],
    learningRate: { default: 1e-2, low: 1e-3, high: 5e-2 },
    steps: [
      {
        en: 'Give every layer virtual tokens of its own: keys and values, small random numbers at first.',
        zh: '给每一层各自的虚拟 token：键和值，开始时是很小的随机数。',
      },
      {
        en: 'Train them directly. A network that computes them is optional, and left out here.',
        zh: '直接训练它们。用网络来生成（重参数化）是可选的，这里不用。',
      },
      {
        en: 'For understanding tasks put a classification head on the last token of the text and train it along.',
        zh: '做理解类任务时，在文本的最后一个 token 上加一个分类头，一起训练。',
      },
      {
        en: 'While training, parts of keys and values are dropped at random, so that no single one is relied upon.',
        zh: '训练时随机丢弃部分键和值，避免过分依赖其中某一个。',
      },
      { en: 'Store prompts and head; the model has not changed.', zh: '保存深层提示和分类头，模型本身没有变化。' },
    ],
    strengths: [
      {
        en: 'Strong on hard understanding tasks: with 0.1 to 3 % of the parameters it matches full fine-tuning there.',
        zh: '擅长困难的理解类（NLU）任务：只用 0.1 % 到 3 % 的参数，就能与全量微调相当。',
      },
      {
        en: 'Works on smaller models too, where P-Tuning falls behind.',
        zh: '在较小的模型上也有效，而 P-Tuning 会落后。',
      },
      {
        en: 'Finer control than a prompt at the input, since it reaches every layer.',
        zh: '直接作用于每一层，控制比输入端的提示更精细。',
      },
    ],
    weaknesses: [
      {
        en: 'Its hyper-parameters are sensitive to the setting: try several learning rates and lengths.',
        zh: '超参数对具体任务很敏感：应多试几种学习率和提示长度。',
      },
      {
        en: 'Takes context: each virtual token is one fewer for the text.',
        zh: '占用上下文：每个虚拟 token 都挤掉文本的一个位置。',
      },
      { en: 'Cannot be merged into the weights.', zh: '无法合并进权重。' },
    ],
    example: {
      en: '30 layers, keys of width 192, 20 virtual tokens: 20 · 30 · 2 · 192 = 230,400 parameters. With 77 classes and a hidden size of 576 the head adds 44,352.',
      zh: '30 层、键宽 192、虚拟 token 20 个：20 · 30 · 2 · 192 = 230,400 个参数。若有 77 个类别、隐藏维度 576，分类头再加 44,352 个。',
    },
  },
  parameters: {
    tokens: {
      label: { en: 'Virtual tokens', zh: '虚拟 token 数' },
      explanation: {
        en: 'Prompts in each layer. Simple classification needs fewer than 20, hard tasks about 100.',
        zh: '每一层的提示长度。简单的分类不到 20 个就够，困难的任务约需 100 个。',
      },
    },
    dropout: {
      label: { en: 'Dropout', zh: 'Dropout' },
      explanation: {
        en: 'Share of the keys and values that are zeroed at random while training, against over-fitting.',
        zh: '训练时随机置零的键和值所占比例，用来防止过拟合。',
      },
    },
  },
} as const satisfies MethodWords
