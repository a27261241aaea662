/**
 * Keeps the focus of the keyboard inside the page. When the control with the focus is removed or disabled, the browser
 * would begin at the top of the page. Instead, the heading of the nearest part that still exists gets the focus.
 */
export function keepFocus (): void {
  /** The control that had the focus last, and the elements around it, from the inside out. Empty without one. */
  let path: readonly Element[] = []
  document.addEventListener('focusin', () => { path = pathOf(document.activeElement) })
  // A click outside all controls takes the focus away on purpose, so it is not given back.
  document.addEventListener('mouseup', () => { if (document.activeElement === document.body) path = [] })
  const look = (): void => {
    const [last] = path
    const hasFocus = document.activeElement !== document.body && document.activeElement !== null
    if (last === undefined || (hasFocus && document.activeElement !== last)) return
    if (!last.isConnected || last.matches(':disabled')) headingOf(path)?.focus()
  }
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributeFilter: ['disabled'] })
}

function pathOf (element: Element | null): readonly Element[] {
  return element === null ? [] : [element, ...pathOf(element.parentElement)]
}

/** Gives the first heading of the nearest part that still exists and has one, else the first one of the page. */
function headingOf (path: readonly Element[]): HTMLElement | null {
  const parts = path.filter(element => element.isConnected && element.matches('dialog, section, article'))
  const headings = [...parts, document].map(part => part.querySelector<HTMLElement>('h1, h2, h3'))
  const heading = headings.find(found => found !== null) ?? null
  heading?.setAttribute('tabindex', '-1')
  return heading
}
