import neostandard from 'neostandard'

export default [
  ...neostandard({
    ts: true,
    ignores: [
      'build/**', 'dist/**', 'sandbox/dist/**', 'clients/typescript/dist/**',
      // It is generated.
      'clients/typescript/src/document.ts'
    ]
  }),
  {
    rules: {
      '@stylistic/max-len': ['error', { code: 120, ignoreUrls: true }],
      // Deprecated globals of JavaScript: a forgotten import of a function with this name would go unnoticed.
      'no-restricted-globals': ['error', 'escape', 'unescape'],
      // `void work()` says that nobody awaits the promise on purpose.
      'no-void': ['error', { allowAsStatement: true }],
      // Loops end by what a callback sets, which the rule does not see.
      'no-unmodified-loop-condition': 'off',
      // A schema and the type of what it describes share one name.
      '@typescript-eslint/no-redeclare': 'off',
      // `onRetry={reload}` is clear: the names of handlers say what they do, not that they are handlers.
      'react/jsx-handler-names': 'off',
      // `{ a, b: 1 }` on two lines may hold several members a line.
      '@stylistic/object-property-newline': 'off'
    }
  },
  {
    files: [
      'src/**/*.ts', 'routes/**/*.ts', 'schemas/**/*.ts', 'sandbox/src/**/*.ts', 'clients/typescript/src/**/*.ts'
    ],
    rules: {
      // Every line counts, blank lines and comments too.
      'max-lines': ['error', 250],
      'max-lines-per-function': ['error', 50]
    }
  }
]
