import { onScopeDispose, ref } from 'vue'

/** Copies text; `copied` is true for a moment afterwards, so that the button can say so. */
export function useCopy() {
  const copied = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  async function copy(text: string): Promise<void> {
    await navigator.clipboard.writeText(text)
    copied.value = true
    clearTimeout(timer)
    timer = setTimeout(() => (copied.value = false), 1600)
  }
  onScopeDispose(() => clearTimeout(timer))
  return { copied, copy }
}
