/** Templates in the styles of the model families, each written for these tests. */
export const templateStyles = {
  chatml: `{% for message in messages %}
{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- endfor %}
{% if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}`,

  headers: `{{ bos_token }}
{%- for message in messages %}
    {{- '<|header|>' + message['role'] + '<|/header|>\\n\\n' + message['content'] | trim + '<|turn|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|header|>assistant<|/header|>\\n\\n' }}
{%- endif %}`,

  defaultSystem: `{% if not messages or messages[0].role != 'system' %}
{{ '<|im_start|>system\\nYou are kind.<|im_end|>\\n' }}
{%- endif %}
{% for message in messages %}
{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- endfor %}
{{ '<|im_start|>assistant\\n' if add_generation_prompt else '' }}`,

  stripsThinking: `{% for message in messages %}
{% set content = message.content %}
{% if message.role == 'assistant' and not loop.last and '</think>' in content %}
{% set content = content.split('</think>')[-1] %}
{% endif %}
{{ '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>\\n' }}
{%- endfor %}
{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`,

  strict: `{% for message in messages %}
{% if (message.role == 'user') != (loop.index0 % 2 == 0) %}
{{ raise_exception('roles must alternate between user and assistant') }}
{% endif %}
{{ '[' + message.role + '] ' + message.content + eos_token }}
{%- endfor %}
{% if add_generation_prompt %}{{ '[assistant] ' }}{% endif %}`,

  neverEmpty: `{% if not messages %}{{ raise_exception('no messages') }}{% endif %}
{% for message in messages %}
{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- endfor %}
{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`,

  noTerminator: `{% for message in messages %}
{{ ('### Question:\\n' if message.role == 'user' else '### Answer:\\n') + message.content + '\\n\\n' }}
{%- endfor %}
{% if add_generation_prompt %}{{ '### Answer:\\n' }}{% endif %}`,

  forcedThinking: `{% for message in messages %}
{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- endfor %}
{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n<think>\\n' }}{% endif %}`,
} as const
