import type { MethodWords } from '../../nn'

export const promptWords = {
  about: {
    name: { en: 'Prompt tuning', zh: 'Prompt tuning（提示微调）' },
    summary: {
      en: 'Trainable vectors before the text, at the input only, act like an instruction in natural language.',
      zh: '只在输入端、文本之前放上可训练的向量（软提示），作用相当于一句自然语言的指令。',
    },
    papers: [
      {
        title: 'The Power of Scale for Parameter-Efficient Prompt Tuning (2021)',
        url: 'https://arxiv.org/abs/2104.08691',
      },
    ],
    places: [
      {
        place: 'input',
        change: 'added',
        what: {
          en: "learned embeddings that stand before the text's own",
          zh: '排在文本词嵌入之前的、学出来的嵌入向量',
        },
      },
    ],
    trainableFormula: { en: 'virtual tokens · hidden size', zh: '虚拟 token 数 × 隐藏维度' },
    memory: [
      { en: 'the frozen weights, without gradients or optimiser state', zh: '冻结的权重，没有梯度，也没有优化器状态' },
      {
        en: 'activations of every layer, for longer rows: the virtual tokens pass through all of them',
        zh: '每一层的激活值，而且每行更长：虚拟 token 也要穿过所有层',
      },
      { en: 'the vectors themselves: next to nothing', zh: '软提示本身：几乎可以忽略' },
    ],
    learningRate: { default: 1e-2, low: 1e-3, high: 3e-1 },
    steps: [
      {
        en: 'Make a few vectors of the size of an embedding. They begin as the words of a text, as words drawn from the vocabulary, or at random.',
        zh: '准备若干个与词嵌入同样大小的向量，初始值取自一段文字的词、词表中随机抽取的词，或随机数。',
      },
      { en: 'Put them before the embeddings of the input.', zh: '把它们放在输入的词嵌入之前。' },
      {
        en: 'Train: the error flows back through the frozen model to these vectors and changes nothing else.',
        zh: '训练：误差穿过冻结的模型传回这些向量，其余一概不变。',
      },
      { en: 'Store the vectors; they are the whole result.', zh: '保存这些向量，它们就是全部成果。' },
    ],
    strengths: [
      { en: 'Tiny: some tens of kilobytes a task.', zh: '极小：每个任务只有几十 KB。' },
      {
        en: 'Good across tasks: one model serves many prompts at once.',
        zh: '便于多任务：一个模型可以同时配合多个软提示。',
      },
      { en: 'Hardly over-fits, since there is so little that can change.', zh: '能变的参数很少，因此不易过拟合。' },
    ],
    weaknesses: [
      { en: 'Weak where the task is complex or needs fine control.', zh: '任务复杂或需要精细控制时效果差。' },
      {
        en: 'Weak on small models: the gap to full fine-tuning closes only at billions of parameters.',
        zh: '小模型上效果差：参数达到数十亿时，才能追上全量微调。',
      },
      {
        en: 'Depends on rate and start: in one comparison 34 % with a tuned rate and 6 % with the usual one.',
        zh: '对学习率和初始值很敏感：在一项对比中，调好学习率得 34 %，用默认值只有 6 %。',
      },
      {
        en: 'Takes context: each virtual token is one fewer for the text.',
        zh: '占用上下文：每个虚拟 token 都挤掉文本的一个位置。',
      },
    ],
    example: {
      en: '[Prompt1][Prompt2] "This movie is uplifting." → "positive". Nobody asked in words: the vectors carry the question.',
      zh: '[Prompt1][Prompt2] “这部电影振奋人心。” → “正面”。没有人用文字提问：问题就藏在这些向量里。',
    },
  },
  parameters: {
    tokens: {
      label: { en: 'Virtual tokens', zh: '虚拟 token 数' },
      explanation: {
        en: 'How many vectors stand before the text. More than 100 seldom help, and they take context.',
        zh: '文本之前放多少个向量。超过 100 个很少有用，还会占用上下文。',
      },
    },
    init: {
      label: { en: 'Start', zh: '初始值' },
      explanation: {
        en: 'What the vectors begin as. The words of a text are the best start; random numbers learn slowest.',
        zh: '向量从什么开始。取一段文字的词效果最好，随机数学得最慢。',
      },
      choiceLabels: {
        text: { en: 'words of a text', zh: '一段文字的词' },
        vocabulary: { en: 'words drawn at random', zh: '随机抽取的词' },
        random: { en: 'random numbers', zh: '随机数' },
      },
    },
    text: {
      label: { en: 'Initial text', zh: '初始文字' },
      explanation: {
        en: 'Say in words what the model is to do; it is repeated or cut to the number of virtual tokens.',
        zh: '用文字写出希望模型做什么；会重复或截断到虚拟 token 的数量。',
      },
    },
  },
} as const satisfies MethodWords
