import type { MethodWords } from '../../nn'

export const loraWords = {
  about: {
    name: { en: 'LoRA', zh: 'LoRA' },
    summary: {
      en: 'The weights stay; each chosen matrix gets an update that is the product of two small, low-rank ones, A and B.',
      zh: '冻结原有权重，给选中的每个矩阵加上一个更新量，它是 A、B 两个低秩小矩阵的乘积，只训练这两个小矩阵。',
    },
    papers: [
      { title: 'LoRA: Low-Rank Adaptation of Large Language Models (2021)', url: 'https://arxiv.org/abs/2106.09685' },
      {
        title: 'A Rank Stabilization Scaling Factor for Fine-Tuning with LoRA (2023)',
        url: 'https://arxiv.org/abs/2312.03732',
      },
      { title: 'DoRA: Weight-Decomposed Low-Rank Adaptation (2024)', url: 'https://arxiv.org/abs/2402.09353' },
      { title: 'LoRA+: Efficient Low Rank Adaptation of Large Models (2024)', url: 'https://arxiv.org/abs/2402.12354' },
    ],
    places: [
      {
        place: 'linear',
        change: 'added',
        what: {
          en: 'beside each target matrix W two small ones, A and B: their product, scaled, is added to what W computes',
          zh: '在每个目标矩阵 W 旁边加上两个小矩阵 A 和 B：它们的乘积经缩放后，加到 W 的输出上',
        },
      },
    ],
    trainableFormula: {
      en: 'Σ r · (in + out) over the target matrices; with DoRA also Σ out',
      zh: '对所有目标矩阵求和：r ×（输入维度 + 输出维度）；使用 DoRA 时再加上各输出维度',
    },
    memory: [
      { en: 'the frozen weights, without gradients or optimiser state', zh: '冻结的权重，没有梯度，也没有优化器状态' },
      {
        en: 'activations: the gradient still passes through every layer above the lowest target',
        zh: '激活值：梯度仍要穿过最低的目标矩阵以上的每一层',
      },
      {
        en: 'A and B with their gradients and two moments each, 16 bytes a parameter',
        zh: 'A、B 及其梯度和两个动量，每个参数 16 字节',
      },
    ],
    learningRate: { default: 1e-3, low: 5e-5, high: 5e-3 },
    steps: [
      {
        en: 'Choose the weight matrices that may change; all others stay as they are.',
        zh: '选定要调整的权重矩阵，其余保持不变。',
      },
      {
        en: 'Put two matrices beside each: A with r rows, filled at random, and B with r columns, filled with zeros. So the model starts out unchanged.',
        zh: '在每个矩阵旁边加上两个矩阵：A 有 r 行，随机初始化；B 有 r 列，初始为零。因此训练开始时模型没有任何变化。',
      },
      {
        en: 'Train: the input goes through W as ever, and through A and then B, which is the low-rank update.',
        zh: '训练：输入照常经过 W，同时先后经过 A 和 B，得到低秩更新量。',
      },
      {
        en: 'Add both, the update multiplied by alpha / r. Only A and B learn from the error.',
        zh: '两路结果相加，其中更新量先乘以 alpha / r。只有 A 和 B 根据误差学习。',
      },
      {
        en: 'Afterwards keep A and B as a small file, or add their product to W and have an ordinary model.',
        zh: '训练结束后，把 A 和 B 存成一个小文件，或者把它们的乘积加进 W，得到一个普通模型。',
      },
    ],
    strengths: [
      {
        en: 'Switching tasks is cheap: one base model, and a file of some megabytes for each task.',
        zh: '切换任务的代价很小：共用一个基座模型，每个任务只是一个几兆字节的文件。',
      },
      {
        en: 'Needs far less memory for gradients and optimiser than full fine-tuning, so fewer or smaller GPUs.',
        zh: '梯度和优化器占用的内存远少于全量微调，所需的 GPU 更少、更小。',
      },
      {
        en: 'Its accuracy comes near that of full fine-tuning, and equals it as long as the data fit its capacity.',
        zh: '准确率接近全量微调；只要数据量没有超出它的容量，二者相当。',
      },
      {
        en: 'Merged into the weights it costs no time when the model answers.',
        zh: '合并进权重之后，推理时没有任何额外开销。',
      },
    ],
    weaknesses: [
      {
        en: 'On very hard tasks, or several at once at high precision, it can stay behind full fine-tuning.',
        zh: '任务非常难，或者要同时高精度地兼顾多个任务时，效果可能不如全量微调。',
      },
      {
        en: 'Activations take as much memory as before: long texts stay expensive.',
        zh: '激活值占用的内存并不减少，长文本的训练依旧昂贵。',
      },
      {
        en: 'Once merged, tasks can no longer be switched within one loaded model.',
        zh: '一旦合并，就不能在同一个已加载的模型里切换任务。',
      },
    ],
    example: {
      en: 'A matrix of 2048 × 2048 has 4,194,304 weights. With r = 8, A is 8 × 2048 and B is 2048 × 8: 32,768 numbers are trained, 0.8 % of them. With alpha = 16 their product counts twice.',
      zh: '一个 2048 × 2048 的矩阵有 4,194,304 个权重。取 r = 8，则 A 为 8 × 2048，B 为 2048 × 8：只训练 32,768 个数，占 0.8 %。alpha = 16 时，它们的乘积要再乘以 2。',
    },
  },
  parameters: {
    r: {
      label: { en: 'Rank', zh: '秩 r' },
      explanation: {
        en: 'Rows of A and columns of B: how much the update can express. Twice the rank, twice the parameters.',
        zh: 'A 的行数和 B 的列数，决定更新量能表达多少。秩加倍，参数也加倍。',
      },
    },
    alpha: {
      label: { en: 'Alpha', zh: 'alpha' },
      explanation: {
        en: 'Strength of the update: B·A is multiplied by alpha / rank. Usually once or twice the rank.',
        zh: '更新量的强度：B·A 要乘以 alpha / r。通常取秩的一到两倍。',
      },
    },
    dropout: {
      label: { en: 'Dropout', zh: 'Dropout' },
      explanation: {
        en: 'Share of the inputs of A that are zeroed at random while training, against over-fitting.',
        zh: '训练时随机置零的 A 的输入所占比例，用来防止过拟合。',
      },
    },
    targets: {
      label: { en: 'Target modules', zh: '目标矩阵' },
      explanation: {
        en: 'Which matrices get an update: all-linear, or names such as "q_proj, v_proj".',
        zh: '给哪些矩阵加上更新量：all-linear 表示全部线性层，也可以写名称，例如“q_proj, v_proj”。',
      },
    },
    rslora: {
      label: { en: 'Rank-stabilised scale (rsLoRA)', zh: '秩稳定缩放（rsLoRA）' },
      explanation: {
        en: 'Divides by the square root of the rank instead of the rank, so that large ranks learn as well.',
        zh: '缩放时除以秩的平方根而不是秩本身，使较大的秩也能学好。',
      },
    },
    dora: {
      label: { en: 'Trained magnitudes (DoRA)', zh: '训练幅值（DoRA）' },
      explanation: {
        en: 'The update turns the rows of a matrix, and how long each row is is trained by itself: nearer to full fine-tuning at small ranks, somewhat slower.',
        zh: '更新量只改变矩阵各行的方向，每行的长度另外训练：秩较小时更接近全量微调，但稍慢。',
      },
    },
    loraplusRatio: {
      label: { en: 'Rate of B (LoRA+)', zh: 'B 的学习率倍数（LoRA+）' },
      explanation: {
        en: 'B learns at so many times the learning rate, with DoRA the magnitudes too. 0 or 1: as A does; 16 is usual. Take a smaller rate with it.',
        zh: 'B 的学习率是 A 的多少倍，使用 DoRA 时幅值也一样。0 或 1 表示相同，常用 16。使用时应把学习率调小。',
      },
    },
    layers: {
      label: { en: 'Layers', zh: '层' },
      explanation: {
        en: 'Only these layers get updates, counted from 0, such as "0, 3-5". Empty: all.',
        zh: '只在这些层加更新量，从 0 数起，例如“0, 3-5”。留空表示全部。',
      },
    },
    exclude: {
      label: { en: 'Excluded modules', zh: '排除的矩阵' },
      explanation: {
        en: 'Names of target matrices that get no update after all.',
        zh: '目标矩阵中不加更新量的那些，写名称。',
      },
    },
    ranks: {
      label: { en: 'Ranks of single matrices', zh: '单独指定秩' },
      explanation: {
        en: 'A rank of their own for some matrices, such as "q_proj=16, layers.0.mlp.up_proj=4".',
        zh: '给部分矩阵单独指定秩，例如“q_proj=16, layers.0.mlp.up_proj=4”。',
      },
    },
    alphas: {
      label: { en: 'Alphas of single matrices', zh: '单独指定 alpha' },
      explanation: {
        en: 'The same for alpha, such as "q_proj=32".',
        zh: '同样，给部分矩阵单独指定 alpha，例如“q_proj=32”。',
      },
    },
  },
} as const satisfies MethodWords
