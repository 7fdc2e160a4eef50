import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { personAt } from './helpers/person'
import { reachStep, runOf, startQuickRun, state, stepOf } from './helpers/run-page'
import { test } from './helpers/studio-test'

describe('the buttons of a run', () => {
  test('pause it, let it go on, and end it with its work kept', async ({ openStudio }) => {
    const page = await openStudio()
    const person = personAt(page)
    await startQuickRun(page, { name: 'kept', steps: 10_000 })
    await reachStep(page, 2)
    await person.press('Pause')
    await state(page, 'Paused').waitFor()
    const step = await stepOf(page)
    await page.getByRole('contentinfo').getByText('Paused').waitFor()

    await person.press('Resume')
    await state(page, 'Running').waitFor()
    await reachStep(page, step + 1)
    await person.press('Stop')
    await person.press('Stop and keep')
    await state(page, 'Stopped').waitFor()
    await person.press('Export')
    await access(join(await page.locator('code').innerText(), 'adapter_model.safetensors'))
  })

  test('end it with its work thrown away', async ({ openStudio, studio }) => {
    const page = await openStudio()
    const person = personAt(page)
    await startQuickRun(page, { name: 'dropped', steps: 10_000, advanced: { 'Checkpoint every': 1 } })
    await reachStep(page, 2)
    await person.press('Stop')
    await person.press('Discard')
    await state(page, 'Discarded').waitFor()
    await page.getByText('This run was discarded. Nothing of it was kept.').waitFor()
    expect(await page.getByRole('button', { name: 'Export' }).count()).toBe(0)
    await expect(access(join(studio.workspace, 'runs', runOf(page), 'checkpoints/1'))).rejects.toThrow('ENOENT')
  })
})
