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

  // As Gemma's: answers are the model's, and the system's words stand in the first question.
  systemInside: `{{ bos_token }}
{%- if messages and messages[0]['role'] == 'system' -%}
    {%- set lead = messages[0]['content'] + '\\n\\n' if messages[0]['content'] is string else '' -%}
    {%- set turns = messages[1:] -%}
{%- else -%}
    {%- set lead = '' -%}
    {%- set turns = messages -%}
{%- endif -%}
{%- for message in turns -%}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}
        {{ raise_exception('turns must alternate') }}
    {%- endif -%}
    {%- set role = 'model' if message['role'] == 'assistant' else message['role'] -%}
    {{ '<turn>' + role + '\\n' + (lead if loop.first else '') + message['content'] | trim + '<end>\\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{ '<turn>model\\n' }}{%- endif -%}`,

  // As Qwen 3's: the last answer has a place to think, even where it holds nothing.
  emptyThinking: `{%- set ns = namespace(last=messages | length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages | length - 1) - loop.index0 %}
    {%- if ns.last == messages | length - 1 and message.role == 'user' and index < ns.last %}
        {%- set ns.last = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.role == 'assistant' and loop.index0 > ns.last and loop.last %}
        {{- '<|im_start|>assistant\\n<think>\\n\\n</think>\\n\\n' + message.content.lstrip('\\n') + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}`,
} as const
