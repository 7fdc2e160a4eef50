import {
  Chart,
  type ChartConfiguration,
  Decimation,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Tooltip,
} from 'chart.js'
import zoomPlugin from 'chartjs-plugin-zoom'
import { onBeforeUnmount, onMounted, type Ref, watch } from 'vue'

Chart.register(Decimation, LinearScale, LineController, LineElement, LogarithmicScale, PointElement)
Chart.register(Tooltip, zoomPlugin)

type Config = Pick<ChartConfiguration<'line', { x: number; y: number }[]>, 'data' | 'options'>

/** Keeps a line chart on a canvas in step with its data and its look. Returns what undoes zooming and panning. */
export function useLineChart(
  canvas: Ref<HTMLCanvasElement | undefined>,
  data: () => Config['data'],
  options: () => Config['options'],
) {
  let chart: Chart<'line', { x: number; y: number }[]> | undefined
  onMounted(() => {
    if (canvas.value) chart = new Chart(canvas.value, { type: 'line', data: data(), options: options() ?? {} })
  })
  watch(data, (next) => {
    if (!chart) return
    chart.data = next
    chart.update('none')
  })
  watch(options, (next) => {
    if (!chart) return
    chart.options = next ?? {}
    chart.update('none')
  })
  onBeforeUnmount(() => chart?.destroy())
  return { resetZoom: () => chart?.resetZoom('none') }
}
