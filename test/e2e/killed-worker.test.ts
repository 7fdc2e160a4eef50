import { describe, expect } from 'vitest'
import { personAt } from './helpers/person'
import { chartOf, reachStep, runOf, startQuickRun, state } from './helpers/run-page'
import { test } from './helpers/studio-test'

describe('a worker that the system kills', () => {
  test('leaves a card that says so, from which the run goes on to its end', async ({ openStudio, studio }) => {
    const page = await openStudio()
    await startQuickRun(page, { name: 'killed', steps: 40, advanced: { 'Checkpoint every': 5 } })
    await reachStep(page, 6)
    const before = await chartOf(page)
    process.kill(await studio.workerOf(runOf(page)), 'SIGKILL')

    const card = page.getByRole('alert')
    await card.getByRole('heading', { name: 'The system ended the training process' }).waitFor()
    await state(page, 'Interrupted').waitFor()
    await personAt(page).click(card.getByRole('button', { name: 'Resume' }))
    await state(page, 'Done').waitFor()
    expect(await card.count()).toBe(0)
    await page.getByText('Step 40 of 40').waitFor()
    expect(await chartOf(page)).toMatchObject({ first: before.first, from: 1, to: 40 })
  })
})
