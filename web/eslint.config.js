import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** What a layer may not import: components → state → {transport, logs} → protocol. */
const forbidden = (...folders) => ({
  patterns: [
    ...folders.map((folder) => ({
      group: [`$lib/${folder}/*`, `**/${folder}/*`],
      message: `imports run one way: components → state → {transport, logs} → protocol`
    }))
  ]
});

const layer = (folder, restrictions) => ({
  files: [`src/lib/${folder}/**/*.{ts,svelte}`],
  rules: { '@typescript-eslint/no-restricted-imports': ['error', restrictions] }
});

const socketOnlyInTransport = {
  paths: [{ name: 'socket.io-client', message: 'only lib/transport/socket.ts speaks to the socket' }]
};

export default ts.config(
  { ignores: ['build/', '.svelte-kit/', 'node_modules/', 'test-results/'] },
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } }
  },
  {
    rules: {
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // Container output is never markup.
      'svelte/no-at-html-tags': 'error',
      'svelte/require-each-key': 'error',
      // `path()` does it: the base is known when the page starts, not when it is built.
      'svelte/no-navigation-without-resolve': 'off',
      // Maps and sets that are local to a function need no reactivity.
      'svelte/prefer-svelte-reactivity': 'off',
      'no-restricted-syntax': [
        'error',
        ...[
          'SvelteAttribute[key.name="href"] > SvelteLiteral[value=/^\\//]',
          'CallExpression[callee.name="goto"] > Literal[value=/^\\//]',
          'CallExpression[callee.name="goto"] > TemplateLiteral > TemplateElement:first-child[value.raw=/^\\//]'
        ].map((selector) => ({
          selector,
          message: "write path('/…') ($lib/paths): MiniMan may be served below a path"
        }))
      ],
      'no-restricted-properties': [
        'error',
        { property: 'innerHTML', message: 'container output is never markup' },
        { property: 'outerHTML', message: 'container output is never markup' },
        { property: 'insertAdjacentHTML', message: 'container output is never markup' }
      ]
    }
  },
  { files: ['src/routes/**'], rules: { '@typescript-eslint/no-restricted-imports': ['error', socketOnlyInTransport] } },
  layer('components', { ...forbidden('transport'), ...socketOnlyInTransport }),
  layer('state', { ...forbidden('components'), ...socketOnlyInTransport }),
  layer('logs', { ...forbidden('components', 'state', 'transport'), ...socketOnlyInTransport }),
  layer('transport', forbidden('components', 'state', 'logs')),
  layer('protocol', { ...forbidden('components', 'state', 'logs', 'transport'), ...socketOnlyInTransport }),
  {
    files: ['scripts/**', '*.config.{js,ts}', 'e2e/**', 'bench/**', 'screens/**'],
    rules: { 'no-console': 'off' }
  }
);
