#!/usr/bin/env node
import { createInterrupts } from './cli/interrupts'
import { runCli } from './cli/run-cli'
import { createTerminal, ignoreClosedPipe } from './cli/terminal'

for (const stream of [process.stdout, process.stderr]) ignoreClosedPipe(stream)
const terminal = createTerminal(process.stdout, process.stderr)
const host = { terminal, interrupts: createInterrupts(process), bundle: import.meta.dirname }
process.exitCode = await runCli(process.argv.slice(2), host)
