import type { Locale } from './index'

interface ParameterWords {
  readonly label: string
  readonly explanation: string
}
interface MethodWords {
  readonly name?: string
  readonly summary: string
  readonly parameters: Readonly<Record<string, ParameterWords>>
}

/**
 * Methods describe themselves in English, in their own declaration. Other languages are added here, by method and
 * parameter name; what is missing falls back to the declaration, so a new method works at once.
 */
export const methodWords: Readonly<Partial<Record<Locale, Readonly<Record<string, MethodWords>>>>> = {
  zh: {
    lora: {
      summary: '冻结原有权重，只训练加在各权重矩阵上的两个低秩小矩阵。省内存，成果很小。',
      parameters: {
        r: { label: '秩 r', explanation: '两个小矩阵的宽度。越大能学的越多，文件也越大。' },
        alpha: { label: 'alpha', explanation: '更新的缩放：乘以 alpha / r。通常取秩的一到两倍。' },
        rslora: { label: 'rsLoRA', explanation: '改为除以秩的平方根，秩较大时更稳定。' },
        dropout: { label: 'Dropout', explanation: '训练时随机忽略的输入比例，用来防止过拟合。' },
        targets: { label: '作用的矩阵', explanation: '加上小矩阵的权重：all-linear 表示全部线性层，也可以写名称。' },
      },
    },
    full: {
      name: '全量微调',
      summary: '更新模型的全部参数。能学得最多，也最占内存，成果和模型一样大。',
      parameters: {},
    },
  },
}
