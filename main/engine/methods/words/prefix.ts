import type { MethodWords } from '../../nn'

export const prefixWords = {
  about: {
    name: { en: 'Prefix tuning', zh: 'Prefix tuning（前缀微调）' },
    summary: {
      en: 'Trainable vectors stand as keys and values before the text in every layer: a context that is learned, not written.',
      zh: '在每一层的文本之前放上可训练的向量，充当键和值：这段上下文不是写出来的，而是学出来的。',
    },
    papers: [
      {
        title: 'Prefix-Tuning: Optimizing Continuous Prompts for Generation (2021)',
        url: 'https://arxiv.org/abs/2101.00190',
      },
    ],
    places: [
      {
        place: 'key-value',
        change: 'added',
        what: {
          en: 'in every layer, learned keys and values that stand before those of the text',
          zh: '在每一层中，排在文本的键和值之前的、学出来的键和值',
        },
      },
    ],
    trainableFormula: {
      en: 'virtual tokens · layers · 2 · width of keys; with a projection, the network that computes these instead',
      zh: '虚拟 token 数 × 层数 × 2 × 键的宽度；使用投影时，改为计算它们的网络的参数',
    },
    memory: [
      { en: 'the frozen weights, without gradients or optimiser state', zh: '冻结的权重，没有梯度，也没有优化器状态' },
      { en: 'activations of every layer', zh: '每一层的激活值' },
      {
        en: 'the prefix, and the projection if there is one, with gradients and two moments, 16 bytes a parameter',
        zh: '前缀（以及投影网络）及其梯度和两个动量，每个参数 16 字节',
      },
    ],
    learningRate: { default: 1e-2, low: 1e-3, high: 1e-1 },
    steps: [
      {
        en: 'Give every layer a few virtual tokens: a key and a value each, which belong to no word.',
        zh: '给每一层若干虚拟 token：各有一个键和一个值，不对应任何词。',
      },
      {
        en: 'With a projection, a small network computes them all from one short table, which steadies the training.',
        zh: '使用投影时，由一个小网络从一张短表算出全部键和值，训练更稳定。',
      },
      {
        en: 'Feed the text itself without any written instruction. Its tokens attend to the prefix as if it had come before them.',
        zh: '直接输入文本本身，不写任何指令。文本中的 token 会注意到前缀，就像它真的写在前面一样。',
      },
      { en: 'The error changes the prefix only; the model stays as it is.', zh: '误差只更新前缀，模型保持不变。' },
      {
        en: 'Store the computed keys and values; the projection is no longer needed.',
        zh: '保存算好的键和值，投影网络就不再需要了。',
      },
    ],
    strengths: [
      { en: 'Small files: some hundred kilobytes a task.', zh: '文件小：每个任务只有几百 KB。' },
      {
        en: 'Strong on generation: it steers every layer, and came out ahead of full fine-tuning on E2E in the LoRA paper.',
        zh: '擅长生成任务：它影响每一层，在 LoRA 论文的 E2E 实验中超过了全量微调。',
      },
      {
        en: 'No weight is touched, so many prefixes can share one loaded model.',
        zh: '不改动任何权重，多个前缀可以共用一个已加载的模型。',
      },
    ],
    weaknesses: [
      {
        en: 'Takes context: each virtual token is one fewer for the text.',
        zh: '占用上下文：每个虚拟 token 都挤掉文本的一个位置。',
      },
      {
        en: "Needs a learning rate of its own, often ten times LoRA's; with a wrong one it does not learn.",
        zh: '需要专门的学习率，往往是 LoRA 的十倍；取错了就学不动。',
      },
      {
        en: 'Cannot be merged, and does not start at the base model.',
        zh: '无法合并，训练也不是从基座模型的原样开始。',
      },
    ],
    example: {
      en: '[Prefix1][Prefix2][Prefix3] "I want to watch a movie." → the model goes on in natural language, steered by nothing but the prefix.',
      zh: '[Prefix1][Prefix2][Prefix3] “我想看一部电影。” → 模型用自然语言接着往下写，引导它的只有前缀。',
    },
  },
  parameters: {
    tokens: {
      label: { en: 'Virtual tokens', zh: '虚拟 token 数' },
      explanation: {
        en: 'Length of the prefix in each layer. More can express more, and leave less context for the text.',
        zh: '每一层前缀的长度。越长能表达的越多，留给文本的上下文也越少。',
      },
    },
    projection: {
      label: { en: 'Projection', zh: '投影' },
      explanation: {
        en: 'The prefix is computed by a small network while it is trained: steadier, with more parameters, equally small in the end.',
        zh: '训练时用一个小网络算出前缀：更稳定，训练的参数更多，最终文件一样小。',
      },
    },
    hidden: {
      label: { en: 'Width of the projection', zh: '投影宽度' },
      explanation: {
        en: 'Hidden size of the network that computes the prefix.',
        zh: '计算前缀的网络的隐藏维度。',
      },
    },
  },
} as const satisfies MethodWords
