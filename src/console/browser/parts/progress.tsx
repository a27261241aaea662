interface ProgressProps {
  /** What is counted, for example `Records with an outcome`. */
  label: string
  value: number
  /** The value that is expected at the end; 0 when it is not known. */
  total: number
}

/** A bar that shows progress. A screen reader is told each tenth, not each change. */
export function Progress ({ label, value, total }: ProgressProps) {
  const tenths = total === 0 ? 0 : Math.min(10, Math.floor(value / total * 10))
  return (
    <>
      <progress max={Math.max(total, 1)} value={value} aria-label={label} />
      <span class='visually-hidden' role='status'>{tenths > 0 && `${label}: ${tenths * 10} %`}</span>
    </>
  )
}
