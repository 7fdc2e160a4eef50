import tseslint from 'typescript-eslint'
import vue from 'eslint-plugin-vue'
import vueParser from 'vue-eslint-parser'
import prettier from 'eslint-config-prettier'

/** What the engine is handed instead of taking it: it must run anywhere and give the same numbers everywhere. */
const engineGlobals = ['console', 'process', 'Date', 'performance', 'Buffer', 'setTimeout', 'setInterval', 'fetch']

export default tseslint.config(
  { ignores: ['out/', 'node_modules/', 'test/goldens/', 'resources/'] },
  ...tseslint.configs.recommended,
  ...vue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parser: vueParser, parserOptions: { parser: tseslint.parser, extraFileExtensions: ['.vue'] } },
  },
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: ['error', 'smart'],
      'vue/multi-word-component-names': 'off',
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
    },
  },
  {
    files: ['main/**/*.ts', 'preload/**/*.ts', 'renderer/**/*.{ts,vue}'],
    rules: { 'max-lines': ['error', { max: 400, skipBlankLines: false }], 'no-console': 'error' },
  },
  {
    files: ['main/engine/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...engineGlobals],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'Pass in an Rng.' }],
    },
  },
  { files: ['main/cli.ts', 'main/cli/**/*.ts', 'scripts/**', 'test/**'], rules: { 'no-console': 'off' } },
  prettier,
)
