import { it } from 'vitest'
import { spawnSync } from 'node:child_process'
import { writeFileSync, mkdirSync, readFileSync, cpSync, rmSync, readdirSync } from 'node:fs'
import { realInstall } from '../../helpers/real-install'
import { writeTinyModel, tinyRows } from '../../helpers/tiny-model'
it('x', async () => {
  const i = await realInstall()
  const r = i.root
  await writeTinyModel(r + '/tiny')
  writeFileSync(r + '/good.jsonl', tinyRows(20))
  const go = (name: string, args: string[], shell?: string) => {
    const a = ['--workspace', r + '/w', ...args]
    const t = shell ? spawnSync('sh', ['-c', shell + ' exec "$@"', 'sh', process.execPath, i.cli, ...a], { encoding: 'utf8', cwd: r }) : spawnSync(process.execPath, [i.cli, ...a], { encoding: 'utf8', cwd: r })
    console.log(name, t.status, t.signal, '\n' + (t.stderr + t.stdout).split('\n').filter(l => /^graft:|note|^ +at |rror/.test(l)).join('\n'))
  }
  const train = (name: string, extra: string[], data = 'good.jsonl', shell?: string) => go(name, ['train', '--data', data, '--steps', '3', '--batch', '2', '--samples', '1', '--metric', 'none', '--max-new-tokens', '4', ...extra], shell)
  const model = (name: string, change: (d: string) => void) => {
    const d = r + '/m-' + name.replace(/\W/g, '-')
    cpSync(r + '/tiny', d, { recursive: true }); change(d); train(name, ['--model', d])
  }
  const st = (d: string) => d + '/model.safetensors'
  const cfg = (d: string, c: object) => writeFileSync(d + '/config.json', JSON.stringify({ ...JSON.parse(readFileSync(d + '/config.json', 'utf8')), ...c }))
  model('truncated', (d) => writeFileSync(st(d), readFileSync(st(d)).subarray(0, 100000)))
  model('cut header', (d) => writeFileSync(st(d), readFileSync(st(d)).subarray(0, 5)))
  model('huge header', (d) => { const b = readFileSync(st(d)); b.fill(0xff, 0, 8); writeFileSync(st(d), b) })
  model('overlap', (d) => { const h = Buffer.from(JSON.stringify({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] }, b: { dtype: 'F32', shape: [2], data_offsets: [4, 12] } })); const l = Buffer.alloc(8); l.writeBigUInt64LE(BigInt(h.length)); writeFileSync(st(d), Buffer.concat([l, h, Buffer.alloc(12)])) })
  model('no weights', (d) => rmSync(st(d)))
  model('missing shard', (d) => { rmSync(st(d)); writeFileSync(st(d) + '.index.json', JSON.stringify({ weight_map: { 'model.norm.weight': 'model-00001-of-00002.safetensors' } })) })
  model('unknown arch', (d) => cfg(d, { model_type: 'mamba', architectures: ['MambaForCausalLM'] }))
  model('shapes', (d) => cfg(d, { hidden_size: 64 }))
  model('vocab small', (d) => cfg(d, { vocab_size: 100 }))
  model('no layers', (d) => cfg(d, { num_hidden_layers: 0 }))
  model('odd heads', (d) => cfg(d, { num_attention_heads: 3 }))
  model('missing tokenizer', (d) => rmSync(d + '/tokenizer.json'))
  model('broken tokenizer', (d) => writeFileSync(d + '/tokenizer.json', '{"model": 3}'))
  model('template raises', (d) => writeFileSync(d + '/chat_template.jinja', "{{ raise_exception('no thanks') }}"))
  model('template broken', (d) => writeFileSync(d + '/chat_template.jinja', '{% if %}'))
  model('config no json', (d) => writeFileSync(d + '/config.json', '{'))
  model('config list', (d) => writeFileSync(d + '/config.json', '[]'))
  model('config null', (d) => writeFileSync(d + '/config.json', 'null'))
  model('nan weights', (d) => { const b = readFileSync(st(d)); b.fill(0xff, b.length - 4000); writeFileSync(st(d), b) })
  train('no such model', ['--model', 'nowhere'])
  const t = ['--model', r + '/tiny']
  const data = (name: string, text: string, extra: string[] = []) => { writeFileSync(r + '/' + name, text); train(name, [...t, ...extra], name) }
  data('empty.jsonl', '')
  data('blank.csv', '\n\n')
  data('header.csv', 'prompt,completion\n')
  data('noanswer.jsonl', '{"prompt":"a"}\n{"prompt":"b"}\n')
  data('emptyanswer.jsonl', '{"prompt":"a","completion":""}\n{"prompt":"b","completion":"  "}\n')
  data('unknown.csv', 'x,y\n1,2\n')
  data('short.jsonl', '{"text":"a"}\n')
  data('one.jsonl', '{"prompt":"a","completion":"b"}\n')
  data('long.jsonl', JSON.stringify({ prompt: 'word '.repeat(3000), completion: 'yes' }) + '\n' + tinyRows(5))
  data('longanswer.jsonl', JSON.stringify({ prompt: 'w', completion: 'word '.repeat(3000) }) + '\n' + tinyRows(5))
  data('binary.jsonl', Buffer.from([0, 255, 254, 3, 0, 9]).toString('latin1'))
  data('badjson.json', '{"a": [1,')
  for (const set of ['r=0', 'r=2.5', 'targets=foo', 'nonsense=1', 'dropout=2']) train(set, [...t, '--set', set])
  train('method', [...t, '--method', 'magic'])
  train('batch', [...t, '--batch', '64'])
  train('ctx', [...t, '--max-length', '100000'])
  train('lr', [...t, '--lr', '1000'])
  go('prompt', ['sample', '--model', r + '/tiny', '--prompt', 'word '.repeat(3000)])
  for (const w of [r + '/good.jsonl/w', '/proc/w', '/dev/null/x']) { const x = spawnSync(process.execPath, [i.cli, 'train', '--workspace', w, '--data', 'good.jsonl'], { encoding: 'utf8', cwd: r }); console.log(w, x.status, x.stderr) }
  console.log(spawnSync(process.execPath, [i.cli, 'runs', '--workspace', r + '/w'], { encoding: 'utf8' }).stdout)
  // full disk
  writeFileSync(r + '/big.jsonl', tinyRows(20000))
  go('import full', ['import', 'big.jsonl'], 'ulimit -f 500;')
  train('ckpt full', [...t, '--method', 'full'], 'good.jsonl', 'ulimit -f 200;')
  train('log full', [...t], 'good.jsonl', 'ulimit -f 4;')
  train('ok', [...t, '--name', 'okrun'])
  const id = readdirSync(r + '/w/runs').find(x => x.includes('okrun'))!
  go('export full', ['export', id, '--format', 'merged-hf'], 'ulimit -f 200;')
  go('export out full', ['export', id, '--format', 'merged-hf', '--out', r + '/good.jsonl/x'])
  console.log(spawnSync('sh', ['-c', 'find ' + r + '/w | grep -v "/runs/.*\\(json\\|jsonl\\)$"'], { encoding: 'utf8' }).stdout)
  await i.remove()
}, 300000)
