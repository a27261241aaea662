import { useEffect, useState } from 'preact/hooks'

const SLOW_MS = 4000

/** Shows what the page waits for; after 4 s also that Connect is slow. */
export function Wait ({ text }: { text: string }) {
  const [isSlow, setIsSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => { setIsSlow(true) }, SLOW_MS)
    return () => { clearTimeout(timer) }
  }, [])
  const remark = isSlow ? ' Connect takes its time; you can go on in the meantime.' : ''
  return <p class='wait' role='status'>{text}…{remark}</p>
}
