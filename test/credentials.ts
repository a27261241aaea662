export const VENDOR_KEY = 'test-vendor-key-0123456789'
export const PROVIDER_KEY = 'test-provider-key-0123456789'
