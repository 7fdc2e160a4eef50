import type { MethodWords } from '../../nn'

export const adapterWords = {
  about: {
    name: { en: 'Adapter tuning', zh: '适配器微调' },
    summary: {
      en: 'The weights stay; small networks with a narrow middle are inserted into every layer, and only they are trained.',
      zh: '冻结原有权重，在每一层插入中间窄、两头宽的小网络（适配器），只训练它们。',
    },
    papers: [
      { title: 'Parameter-Efficient Transfer Learning for NLP (2019)', url: 'https://arxiv.org/abs/1902.00751' },
      {
        title: 'AdapterFusion: Non-Destructive Task Composition for Transfer Learning (2020)',
        url: 'https://arxiv.org/abs/2005.00247',
      },
      {
        title: 'Towards a Unified View of Parameter-Efficient Transfer Learning (2021)',
        url: 'https://arxiv.org/abs/2110.04366',
      },
    ],
    places: [
      {
        place: 'after-attention',
        change: 'added',
        what: {
          en: 'a small network behind the attention of each layer (Houlsby only)',
          zh: '每一层注意力之后的一个小网络（仅 Houlsby 结构）',
        },
      },
      {
        place: 'after-mlp',
        change: 'added',
        what: {
          en: 'a small network behind the MLP of each layer, or beside it in the parallel form',
          zh: '每一层 MLP 之后的一个小网络；并行结构则放在 MLP 旁边',
        },
      },
    ],
    trainableFormula: {
      en: 'Σ 2 · d · h + h + d over the adapters, d the hidden size, h = d / reduction factor',
      zh: '对所有适配器求和：2 · d · h + h + d，其中 d 为隐藏维度，h = d / 缩减倍数',
    },
    memory: [
      { en: 'the frozen weights, without gradients or optimiser state', zh: '冻结的权重，没有梯度，也没有优化器状态' },
      {
        en: 'activations: the gradient passes through every layer above the lowest adapter',
        zh: '激活值：梯度要穿过最低的适配器以上的每一层',
      },
      {
        en: 'the adapters with their gradients and two moments, 16 bytes a parameter',
        zh: '适配器及其梯度和两个动量，每个参数 16 字节',
      },
    ],
    learningRate: { default: 1e-3, low: 1e-4, high: 1e-2 },
    steps: [
      { en: 'Start from the pretrained model.', zh: '从预训练好的模型开始。' },
      {
        en: 'Insert an adapter into every layer, or into some: one matrix makes the stream narrow, a simple function bends it, a second matrix makes it wide again.',
        zh: '在每一层（或部分层）插入适配器：第一个矩阵降维，经过激活函数，第二个矩阵再升回原来的维度。',
      },
      { en: 'Freeze all other weights.', zh: '冻结其余全部权重。' },
      {
        en: 'Train the adapters: what they compute is added to what passes by, so that they adjust the model to the task.',
        zh: '训练适配器：它们的输出加到原有的数据流上，使模型逐步适应任务。',
      },
      {
        en: 'Keep one adapter for each task and put in the one that is needed.',
        zh: '每个任务保存一个适配器，需要哪个就装上哪个。',
      },
    ],
    strengths: [
      {
        en: 'Efficient: with 3.6 % of the parameters within 0.4 % of full fine-tuning on GLUE (Houlsby et al.).',
        zh: '高效：Houlsby 等人在 GLUE 上只用 3.6 % 的参数，与全量微调的差距不到 0.4 %。',
      },
      { en: 'Modular: tasks are switched by changing small files.', zh: '模块化：换一个小文件就换了任务。' },
      {
        en: 'Bends the stream with a function of its own, which a low-rank update cannot.',
        zh: '自带非线性，这是低秩更新做不到的。',
      },
    ],
    weaknesses: [
      { en: 'Adds depth, and so some latency to every answer.', zh: '网络变深，每次推理都会多一点延迟。' },
      {
        en: 'Cannot be merged into the weights: what runs it has to know adapters.',
        zh: '无法合并进权重：运行它的软件必须支持适配器。',
      },
    ],
    example: {
      en: 'With a hidden size of 576 and a reduction factor of 16 the middle is 36 wide. One adapter has 2 · 576 · 36 + 36 + 576 = 42,084 parameters; two in each of 30 layers are 2.5 M.',
      zh: '隐藏维度 576、缩减倍数 16 时，中间宽 36。一个适配器有 2 · 576 · 36 + 36 + 576 = 42,084 个参数；30 层、每层两个，共约 250 万。',
    },
  },
  parameters: {
    kind: {
      label: { en: 'Kind', zh: '结构' },
      explanation: {
        en: 'Houlsby: behind attention and MLP. Pfeiffer: behind the MLP only, half as many parameters. Parallel: beside the MLP, reading what goes into it.',
        zh: 'Houlsby：注意力和 MLP 之后各一个。Pfeiffer：只在 MLP 之后，参数减半。并行：放在 MLP 旁边，读取 MLP 之前的数据流。',
      },
      choiceLabels: {
        houlsby: { en: 'Houlsby', zh: 'Houlsby' },
        pfeiffer: { en: 'Pfeiffer', zh: 'Pfeiffer' },
        parallel: { en: 'parallel', zh: '并行' },
      },
    },
    reduction: {
      label: { en: 'Reduction factor', zh: '缩减倍数' },
      explanation: {
        en: "The middle is so many times narrower than the model's stream: twice the factor, half the parameters.",
        zh: '中间层比模型的隐藏维度窄多少倍：倍数加倍，参数减半。',
      },
    },
    activation: {
      label: { en: 'Activation', zh: '激活函数' },
      explanation: {
        en: 'The function in the middle. auto: swish for Houlsby, relu for the others.',
        zh: '中间层的激活函数。auto：Houlsby 用 swish，其余用 relu。',
      },
    },
    scaling: {
      label: { en: 'Scaling', zh: '缩放' },
      explanation: {
        en: 'What the adapter adds is multiplied by this: a number, or "learned" for one that is trained. auto: 4 for parallel, 1 for the others.',
        zh: '适配器的输出要乘以这个数；写 learned 则由训练决定。auto：并行结构为 4，其余为 1。',
      },
    },
    dropout: {
      label: { en: 'Dropout', zh: 'Dropout' },
      explanation: {
        en: 'Share of what the adapter adds that is zeroed at random while training, against over-fitting.',
        zh: '训练时随机置零的适配器输出所占比例，用来防止过拟合。',
      },
    },
    leave_out: {
      label: { en: 'Layers without one', zh: '不加适配器的层' },
      explanation: {
        en: 'Layers that get no adapter, counted from 0, such as "0, 3-5". Empty: all layers have one.',
        zh: '不加适配器的层，从 0 数起，例如“0, 3-5”。留空表示每层都加。',
      },
    },
    initialisation: {
      label: { en: 'Initialisation', zh: '初始化' },
      explanation: {
        en: 'bert: small random weights, so that training begins near the base model; mam_adapter: the last matrix is zero, it begins at the base model. auto: mam_adapter for parallel, bert for the others.',
        zh: 'bert：较小的随机权重，从基座模型附近开始训练；mam_adapter：最后一个矩阵为零，恰好从基座模型开始。auto：并行结构用 mam_adapter，其余用 bert。',
      },
    },
  },
} as const satisfies MethodWords
