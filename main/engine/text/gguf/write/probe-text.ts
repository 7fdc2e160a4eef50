/**
 * Everything that patterns of pre-tokenizers disagree about: contractions in both cases, digits in runs, runs of white
 * space and of punctuation with line breaks, letters that are two code points, scripts without spaces, symbols.
 */
export const awkwardText = [
  "I'm sure they'LL say it's 3.14159 or 1,234,567, don't you? WE'RE ready; he'd've known.",
  'camelCaseWords HTMLParser snake_case_name x1y22z333 4444 55555\t\ttabs   and   spaces  \n\n\n  indented\r\nwindows',
  'naïve café (cafe\u0301) Straße Ångström ÉCOLE İstanbul ﬁne Ⅳ ½ ² ٣٤٥ ৪৫',
  '你好，世界！ こんにちは カタカナ 안녕하세요 สวัสดี नमस्ते שלום مرحبا Привет Γειά',
  '👩‍🚀🇨🇭 ✅ → ∑ € £ § … — “quotes” «guillemets» ‹x› ¿qué? ¡hola!',
  'for (let i = 0; i < n; i++) { a[i] += "b\\n"; } // !!! ??? ... --- === <<< >>> /* */ #$%^&*~`|\\',
  '   leading and trailing   \n\u00a0\u2003\u3000 other spaces \u200b zero width',
].join('\n')
