import type { Locale } from '../../preload/contract'

/** What happened and what to do about it. `{name}` stands for a value of the failure's details. */
export interface FailureSentence {
  readonly what: string
  readonly advice?: string
}

/**
 * Failures speak English, in their own message. Other languages make their sentences from code and details: of those
 * for a code the first whose every `{name}` the details hold is taken, and where none fits, the message.
 */
export const failureSentences: Readonly<Partial<Record<Locale, Readonly<Record<string, readonly FailureSentence[]>>>>> =
  {
    zh: {
      'model-missing': [
        { what: '“{path}” 处没有模型。', advice: '请检查路径：应是含有 config.json 的文件夹，或一个 .gguf 文件。' },
        { what: '这个位置没有模型。', advice: '请检查路径：应是含有 config.json 的文件夹，或一个 .gguf 文件。' },
      ],
      'architecture-unknown': [
        {
          what: '不支持 “{found}” 类型的模型。',
          advice: '请选择 Llama、Mistral、SmolLM2、Qwen2、Qwen3、Gemma 3 或 GPT-2 系列的模型。',
        },
        {
          what: '不支持这种类型的模型。',
          advice: '请选择 Llama、Mistral、SmolLM2、Qwen2、Qwen3、Gemma 3 或 GPT-2 系列的模型。',
        },
      ],
      'checkpoint-header': [
        { what: '“{file}” 已损坏或不完整，无法读取其中的权重。', advice: '请重新下载这个文件。' },
        { what: '权重文件已损坏或不完整。', advice: '请重新下载模型。' },
      ],
      'checkpoint-missing': [
        { what: '模型缺少权重文件 “{file}”。', advice: '请把它一并下载，放进模型所在的文件夹。' },
        { what: '模型缺少一部分权重。', advice: '请重新下载模型。' },
      ],
      'checkpoint-mismatch': [
        { what: '“{file}” 与模型的配置不符：张量 {tensor} 对不上。', advice: '请确认所有文件来自同一个模型。' },
        { what: '模型的文件彼此不符：张量 {tensor} 对不上。', advice: '请确认所有文件来自同一个模型。' },
        { what: '模型的文件彼此不符。', advice: '请确认所有文件来自同一个模型。' },
      ],
      'config-invalid': [
        { what: '“{file}” 的内容无法使用。', advice: '请重新下载这个文件，或换一个模型。' },
        { what: '模型的配置无法使用。', advice: '请重新下载模型，或换一个模型。' },
      ],
      'tokenizer-invalid': [{ what: '模型的分词器无法使用。', advice: '请重新下载 tokenizer.json，或换一个模型。' }],
      'template-failed': [
        { what: '模型的对话模板无法处理这些数据。', advice: '请检查各行的角色和顺序，或换一个模型。' },
      ],
      unsupported: [
        { what: '不支持 “{file}” 的这种格式。', advice: '请换一个文件，或先转换成支持的格式。' },
        { what: '暂不支持这种文件或设置。', advice: '请换一个文件或设置；“详细信息”说明了具体原因。' },
      ],
      'start-mismatch': [
        { what: '{what} 与要接着训练的内容不一致。', advice: '请选用原来的基础模型和方法，或不接着它训练。' },
        { what: '设置与要接着训练的内容不一致。', advice: '请选用原来的基础模型和方法，或不接着它训练。' },
      ],
      'start-missing': [
        { what: '“{path}” 处没有可以接着训练的内容。', advice: '请检查路径，或重新开始一次训练。' },
        { what: '没有第 {step} 步的检查点。', advice: '请选择现有的检查点，或用最佳的一个。' },
        { what: '找不到要接着训练的内容。', advice: '请重新选择，或重新开始一次训练。' },
      ],
      'start-busy': [{ what: '要接着训练的任务还没有结束。', advice: '请等它结束，或先停止它。' }],
      'start-damaged': [
        { what: '张量 {tensor} 含有不是数字的值。', advice: '文件已损坏或其训练发散，请选择另一个。' },
        { what: '要接着训练的内容已损坏。', advice: '请选择另一个。' },
      ],
      'run-untrained': [{ what: '它还没有保存过检查点。', advice: '请先让它训练一会儿。' }],
      'dataset-empty': [
        {
          what: '“{file}” 中没有可用的行，发现 {problems} 个问题。',
          advice: '请修正文件后重新导入；“详细信息”列出了第一个问题。',
        },
        { what: '没有可以用来训练的行。', advice: '请修正数据，或重新指定各列的用途。' },
      ],
      'dataset-unmapped': [{ what: '还不知道哪一列是输入，哪一列是回答。', advice: '请先指定各列的用途。' }],
      'dataset-broken': [{ what: '这个数据集的文件不完整或彼此不符。', advice: '请删除它，然后重新导入原文件。' }],
      'dataset-row': [
        { what: '第 {line} 行不再可用。', advice: '请重新指定各列的用途。' },
        { what: '有一行不再可用。', advice: '请重新指定各列的用途。' },
      ],
      'dataset-missing': [{ what: '它已被删除，或属于另一个工作区。', advice: '请重新导入原文件。' }],
      'file-truncated': [{ what: '文件提前结束，没有读完。', advice: '请重新取得这个文件。' }],
      'file-damaged': [{ what: '文件已损坏，没有读完。', advice: '请重新取得这个文件。' }],
      'not-found': [
        { what: '找不到 “{path}”。', advice: '请检查名称和路径。' },
        { what: '找不到所需的文件或文件夹。', advice: '请检查名称和路径。' },
      ],
      'not-readable': [
        { what: '系统不允许读取 “{path}”。', advice: '请修改权限，或选择别的文件。' },
        { what: '系统不允许读取这个文件。', advice: '请修改权限，或选择别的文件。' },
      ],
      'not-writable': [
        { what: '系统不允许写入 “{path}”。', advice: '请修改权限，或选择别的文件夹。' },
        { what: '系统不允许写入这个文件夹。', advice: '请修改权限，或选择别的文件夹。' },
      ],
      'disk-full': [{ what: '磁盘空间不足，无法继续写入。', advice: '请腾出一些空间，或换一个磁盘。' }],
      'out-of-memory': [{ what: '内存不够完成这项工作。', advice: '请关闭其他程序，或减小批次大小、最大长度。' }],
      'training-diverged': [
        {
          what: '第 {step} 步时损失超出了正常范围，训练已停止。',
          advice: '请降低学习率或增加预热步数，然后重新开始。',
        },
        { what: '损失超出了正常范围，训练已停止。', advice: '请降低学习率或增加预热步数，然后重新开始。' },
      ],
      'invalid-argument': [
        { what: '没有名为 {unknown} 的矩阵。', advice: '可以填 all-linear，或这些名称：{known}。' },
        { what: '没有填写矩阵的名称。', advice: '可以填 all-linear，或这些名称：{known}。' },
        { what: '参数 {parameter} 的值不可用。', advice: '请修改这个值。' },
        { what: '列 “{column}” 中没有值为 “{value}” 的行。', advice: '请选择另一个值。' },
        { what: '没有名为 “{column}” 的列。', advice: '请选择数据集中的列。' },
        { what: '工作簿中没有名为 “{sheet}” 的工作表。', advice: '请选择另一个工作表。' },
        { what: '有一个设置的值不可用。', advice: '请修改它；“详细信息”说明了是哪一个。' },
      ],
      'run-missing': [{ what: '它已被删除，或属于另一个工作区。', advice: '请从列表中选择另一个训练任务。' }],
      'run-locked': [{ what: '另一个程序正在处理这个训练任务。', advice: '请等它结束，或关闭那个程序。' }],
      'resume-impossible': [{ what: '这个训练任务无法继续。', advice: '请用同样的设置新建一个训练任务。' }],
      'control-refused': [{ what: '这个训练任务已不在进行。', advice: '可以让它继续，或新建一个训练任务。' }],
      'export-failed': [{ what: '导出没有完成。', advice: '“详细信息”说明了原因。' }],
      'worker-start': [{ what: '训练进程未能启动。', advice: '请重新安装软件；如果仍然如此，请反馈诊断信息。' }],
      cancelled: [{ what: '操作已取消。', advice: '需要时可以重新开始。' }],
      internal: [{ what: '发生了内部错误。', advice: '请再试一次；如果仍然如此，请反馈诊断信息。' }],
    },
  }
