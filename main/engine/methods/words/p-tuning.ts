import type { MethodWords } from '../../nn'

export const pTuningWords = {
  about: {
    name: { en: 'P-Tuning', zh: 'P-Tuning' },
    summary: {
      en: 'A small network, the prompt encoder, makes the embeddings of virtual tokens before the text; it is trained, and only what it makes is kept.',
      zh: '由一个可训练的小网络（提示编码器）生成文本之前虚拟 token 的嵌入，最后只保存它的输出。',
    },
    papers: [{ title: 'GPT Understands, Too (2021)', url: 'https://arxiv.org/abs/2103.10385' }],
    places: [
      {
        place: 'input',
        change: 'added',
        what: {
          en: "embeddings before the text's own, made by an LSTM or MLP: at the first layer only",
          zh: '由 LSTM 或 MLP 生成、排在文本词嵌入之前的嵌入向量，只作用于第一层',
        },
      },
    ],
    trainableFormula: {
      en: 'virtual tokens · hidden size, and the parameters of the prompt encoder',
      zh: '虚拟 token 数 × 隐藏维度，再加上提示编码器的参数',
    },
    memory: [
      { en: 'the frozen weights, without gradients or optimiser state', zh: '冻结的权重，没有梯度，也没有优化器状态' },
      {
        en: 'activations of every layer, for longer rows: the virtual tokens pass through all of them',
        zh: '每一层的激活值，而且每行更长：虚拟 token 也要穿过所有层',
      },
      {
        en: 'the prompt encoder with its gradients and two moments, 16 bytes a parameter',
        zh: '提示编码器及其梯度和两个动量，每个参数 16 字节',
      },
    ],
    learningRate: { default: 1e-3, low: 1e-4, high: 1e-2 },
    steps: [
      { en: 'Give each virtual token a trainable input vector.', zh: '给每个虚拟 token 一个可训练的输入向量。' },
      {
        en: 'The prompt encoder reads them all, an LSTM from both ends, and makes one embedding of each: so the tokens know of one another.',
        zh: '提示编码器读入全部向量（LSTM 从两个方向读），为每个生成一个嵌入：虚拟 token 之间因此有了联系。',
      },
      { en: 'Put these before the embeddings of the text.', zh: '把这些嵌入放在文本的词嵌入之前。' },
      {
        en: 'Train encoder and input vectors together; the model stays frozen.',
        zh: '编码器和输入向量一起训练，模型保持冻结。',
      },
      {
        en: 'Store what the encoder makes in the end; the encoder itself is not needed to answer.',
        zh: '最后保存编码器的输出，推理时不再需要编码器。',
      },
    ],
    strengths: [
      {
        en: 'More flexible than plain vectors, and makes better use of the context.',
        zh: '比直接训练向量更灵活，能更好地利用上下文。',
      },
      {
        en: 'The virtual tokens share the parameters of the encoder, which helps to generalise.',
        zh: '虚拟 token 共享编码器的参数，有利于泛化。',
      },
      { en: 'The result is as small as that of prompt tuning.', zh: '成果和 Prompt tuning 一样小。' },
    ],
    weaknesses: [
      { en: 'More complex: there is a network to train and to choose.', zh: '更复杂：多了一个需要选择和训练的网络。' },
      {
        en: 'It reaches the first layer only, which bounds what it can change.',
        zh: '只作用于第一层，能改变的东西有限。',
      },
      { en: 'Less stable the deeper the model is.', zh: '模型越深，训练越不稳定。' },
    ],
    example: {
      en: 'A hidden size of 576, 20 virtual tokens, an LSTM of two layers and width 128: the encoder has about 1.3 M parameters, and what is kept are 20 × 576 = 11,520 numbers, 46 KB.',
      zh: '隐藏维度 576、虚拟 token 20 个、两层宽 128 的 LSTM：编码器约有 130 万个参数，而最后保存的只有 20 × 576 = 11,520 个数，46 KB。',
    },
  },
  parameters: {
    tokens: {
      label: { en: 'Virtual tokens', zh: '虚拟 token 数' },
      explanation: {
        en: 'How many embeddings the encoder makes. They take context from the text.',
        zh: '编码器生成多少个嵌入。它们会占用文本的上下文。',
      },
    },
    encoder: {
      label: { en: 'Prompt encoder', zh: '提示编码器' },
      explanation: {
        en: 'lstm reads the tokens in both directions and ties them together; mlp treats each on its own and is quicker.',
        zh: 'lstm 从两个方向读取，使各 token 相互关联；mlp 逐个处理，更快。',
      },
      choiceLabels: {
        lstm: { en: 'LSTM', zh: 'LSTM' },
        mlp: { en: 'MLP', zh: 'MLP' },
      },
    },
    hidden: {
      label: { en: 'Width of the encoder', zh: '编码器宽度' },
      explanation: {
        en: 'Hidden size of the encoder. Twice the width, up to four times the parameters.',
        zh: '编码器的隐藏维度。宽度加倍，参数最多变为四倍。',
      },
    },
    layers: {
      label: { en: 'Layers of the LSTM', zh: 'LSTM 层数' },
      explanation: {
        en: 'LSTMs on top of one another. Two, as in the paper, suffice.',
        zh: '叠几层 LSTM。按论文取两层即可。',
      },
    },
  },
} as const satisfies MethodWords
