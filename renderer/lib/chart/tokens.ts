/**
 * Reads a colour token as the page shows it now. The custom property's own text is `light-dark(…)`; only a real property
 * that uses it holds the colour itself.
 */
export function readToken(name: string): string {
  const probe = document.createElement('span')
  probe.hidden = true
  probe.style.color = `var(--${name})`
  document.body.append(probe)
  const colour = getComputedStyle(probe).color
  probe.remove()
  return colour
}
