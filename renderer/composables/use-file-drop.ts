import { onBeforeUnmount, onMounted, ref } from 'vue'

const carriesFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false

/** Lets a file be dropped anywhere on the window. `dragging` is true while one hovers over it. */
export function useFileDrop(onFile: (file: File) => void) {
  const dragging = ref(false)
  // Every element that is crossed fires enter and leave; only their balance says whether the file is still here.
  let depth = 0
  const handlers = {
    dragenter: (event: DragEvent) => {
      if (!carriesFiles(event)) return
      event.preventDefault()
      dragging.value = ++depth > 0
    },
    dragover: (event: DragEvent) => {
      if (carriesFiles(event)) event.preventDefault()
    },
    dragleave: (event: DragEvent) => {
      if (!carriesFiles(event)) return
      depth = Math.max(0, depth - 1)
      dragging.value = depth > 0
    },
    drop: (event: DragEvent) => {
      if (!carriesFiles(event)) return
      event.preventDefault()
      depth = 0
      dragging.value = false
      const file = event.dataTransfer?.files[0]
      if (file) onFile(file)
    },
  }
  const names = Object.keys(handlers) as (keyof typeof handlers)[]
  onMounted(() => names.forEach((name) => window.addEventListener(name, handlers[name])))
  onBeforeUnmount(() => names.forEach((name) => window.removeEventListener(name, handlers[name])))
  return { dragging }
}
