export const MULTIPART = 'multipart/form-data; boundary=b'

export const draft = {
  name: 'n', product: { id: 'PRD-1' }, contract: { id: 'CRD-1' }, period: { from: '2026-01-01', to: '2026-01-31' }
}
