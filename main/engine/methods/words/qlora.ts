import type { MethodWords } from '../../nn'
import { loraWords } from './lora'

export const qloraWords = {
  about: {
    name: { en: 'QLoRA', zh: 'QLoRA' },
    summary: {
      en: 'LoRA on a base model that is kept in 4 bits: stored as NormalFloat4, turned back to 16 or 32 bits for each product.',
      zh: '在 4 位量化的基座模型上训练 LoRA：权重以 NormalFloat4 存放，每次相乘前才反量化回 16 或 32 位。',
    },
    papers: [
      { title: 'QLoRA: Efficient Finetuning of Quantized LLMs (2023)', url: 'https://arxiv.org/abs/2305.14314' },
      { title: '8-bit Optimizers via Block-wise Quantization (2021)', url: 'https://arxiv.org/abs/2110.02861' },
    ],
    places: [
      {
        place: 'weights',
        change: 'quantised',
        what: {
          en: 'the weight matrices of all layers, frozen, in 4 bits a number and a scale for each block of 64',
          zh: '各层的权重矩阵保持冻结，每个数只占 4 位，每 64 个数为一块，共用一个缩放系数',
        },
      },
      {
        place: 'linear',
        change: 'added',
        what: {
          en: 'beside each target matrix two small ones, A and B, in full precision',
          zh: '在每个目标矩阵旁边加上 A、B 两个小矩阵，保持全精度',
        },
      },
    ],
    trainableFormula: loraWords.about.trainableFormula,
    memory: [
      {
        en: 'the frozen weights: 4 bits each, and about 0.13 bit for the scales with double quantisation',
        zh: '冻结的权重：每个 4 位，使用双重量化时缩放系数约再占 0.13 位',
      },
      { en: 'embeddings and norms, which stay in full precision', zh: '词嵌入和归一化层，仍是全精度' },
      { en: 'activations, as with LoRA', zh: '激活值，与 LoRA 相同' },
      {
        en: 'one scratch in which a matrix is dequantised while it is needed',
        zh: '一块公用的缓冲区，矩阵用到时在其中反量化',
      },
      {
        en: 'A and B with their gradients and two moments each, 16 bytes a parameter',
        zh: 'A、B 及其梯度和两个动量，每个参数 16 字节',
      },
    ],
    learningRate: { default: 1e-3, low: 5e-5, high: 5e-3 },
    steps: [
      {
        en: 'Load the model and round each weight to the nearest of 16 levels. They are spaced as a bell curve is: close together near zero, where most weights are.',
        zh: '加载模型，把每个权重舍入到 16 个级别中最接近的一个。这些级别按正态分布排列：靠近零的地方权重最多，级别也最密。',
      },
      {
        en: 'Keep one scale for each block of 64 weights, and quantise these scales in turn: double quantisation.',
        zh: '每 64 个权重为一块，存一个缩放系数；这些系数本身再量化一次，即双重量化。',
      },
      {
        en: 'Put A and B beside the target matrices, in full precision; B begins at zero.',
        zh: '在目标矩阵旁边加上全精度的 A 和 B，B 初始为零。',
      },
      {
        en: 'Train: dequantise a matrix when it is multiplied with, forward and backward, and forget the result again.',
        zh: '训练：矩阵参与前向或反向的乘法时才反量化，用完即弃。',
      },
      {
        en: 'Only A and B learn. Merge them into the original weights, or into the dequantised ones that they were trained on.',
        zh: '只有 A 和 B 在学习。之后可以合并进原始权重，也可以合并进训练时所用的反量化权重。',
      },
    ],
    strengths: [
      {
        en: 'The weights take about an eighth of the memory that they take in float32, with a very small loss of precision.',
        zh: '权重占用的内存约为 float32 的八分之一，精度损失非常小。',
      },
      { en: 'Larger models can be fine-tuned on the same machine.', zh: '同一台机器可以微调更大的模型。' },
      { en: 'What comes out is an ordinary LoRA adapter.', zh: '得到的是一个普通的 LoRA 适配器。' },
    ],
    weaknesses: [
      {
        en: 'Each step is slower: the weights are dequantised again and again.',
        zh: '每一步都更慢：权重要反复反量化。',
      },
      {
        en: 'Merging needs a choice of base: the original weights, or the dequantised ones.',
        zh: '合并时要选择基座：原始权重，还是反量化后的权重。',
      },
      {
        en: 'Saves nothing on activations: with long texts and small models there is little to gain.',
        zh: '激活值并不减少：文本长而模型小时，收益不大。',
      },
    ],
    example: {
      en: 'On 16 evenly spaced levels from −1 to 1 a weight of 0.02 becomes 0.067, since the nearest levels are −0.067 and 0.067. NF4 has levels at 0 and 0.080 and makes it 0: a smaller error, and most weights are that small. A matrix of 2048 × 2048 takes 16.8 MB in float32 and 2.2 MB as NF4.',
      zh: '若把 −1 到 1 均匀分成 16 级，最接近 0.02 的级别是 −0.067 和 0.067，这个权重会变成 0.067。NF4 在 0 和 0.080 处都有级别，它会变成 0：误差更小，而大多数权重正是这么小。一个 2048 × 2048 的矩阵，float32 占 16.8 MB，NF4 只占 2.2 MB。',
    },
  },
  parameters: {
    ...loraWords.parameters,
    format: {
      label: { en: '4-bit format', zh: '4 位格式' },
      explanation: {
        en: 'nf4: levels spaced for weights that are spread like a bell curve. fp4: a tiny floating-point number, for comparison; its error is larger.',
        zh: 'nf4：级别按正态分布的权重排列。fp4：极小的浮点数，供对比用，误差更大。',
      },
      choiceLabels: {
        nf4: { en: 'NormalFloat4', zh: 'NormalFloat4' },
        fp4: { en: 'Float4', zh: 'Float4' },
      },
    },
    block: {
      label: { en: 'Block size', zh: '块大小' },
      explanation: {
        en: 'Weights that share one scale. Smaller blocks are more exact and take more memory.',
        zh: '共用一个缩放系数的权重个数。块越小越精确，也越占内存。',
      },
    },
    doubleQuant: {
      label: { en: 'Double quantisation', zh: '双重量化' },
      explanation: {
        en: 'The scales of the blocks are quantised, too: saves about 0.37 bit a weight.',
        zh: '各块的缩放系数也再量化一次：每个权重约省 0.37 位。',
      },
    },
    compute: {
      label: { en: 'Computing type', zh: '计算类型' },
      explanation: {
        en: 'What weights are dequantised to. f32: as exact as the processor computes. bf16: rounded to 16 bits, as is usual on GPUs.',
        zh: '反量化后的类型。f32：按处理器的全部精度。bf16：舍入到 16 位，GPU 上通常如此。',
      },
    },
  },
} as const satisfies MethodWords
