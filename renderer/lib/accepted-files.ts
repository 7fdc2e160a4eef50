const endings = ['jsonl', 'ndjson', 'json', 'csv', 'tsv', 'parquet', 'xlsx', 'txt', 'md', 'markdown', 'gz']

/** What the file picker offers first; a dropped file of another name is looked at all the same. */
export const acceptedFiles = endings.map((ending) => `.${ending}`).join(',')

/** A file that is no data but a model. */
export const isModelFile = ({ name }: Pick<File, 'name'>): boolean => /\.gguf$/i.test(name)
