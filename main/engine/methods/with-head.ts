import type { Json } from '../checkpoint'
import type { AdapterFormat, AppliedMethod, Method, ModelDefinition, TrainableParameter, WeightSpec } from '../nn'
import { elementCount } from '../tensor'
import { headPrefix } from './peft/peft-format'
import { storedAlike } from './peft/stored-tensors'

/** As transformers makes the weights of a head that no checkpoint has: N(0, 0.02). */
const HEAD_DEVIATION = 0.02

/** PEFT's names for the module of a classification's head: each architecture has one of them. */
const HEAD_MODULES = ['classifier', 'score']

const headOf = ({ weights }: ModelDefinition): WeightSpec[] => weights.filter(({ optional }) => optional)
const withoutHead = (model: ModelDefinition): ModelDefinition => ({
  ...model,
  weights: model.weights.filter(({ optional }) => !optional),
})

function trained(head: WeightSpec): TrainableParameter {
  const { name, shape } = head
  return {
    name,
    shape,
    decay: true,
    initial: (rng, { brings, read }) =>
      brings(head)
        ? read(name)
        : Float32Array.from({ length: elementCount(shape) }, () => HEAD_DEVIATION * rng.normal()),
  }
}

type StoredWith = (head: readonly WeightSpec[], format: AdapterFormat) => AdapterFormat

const storedWith: Readonly<Record<AdapterFormat['layout'], StoredWith>> = {
  /** PEFT keeps a trained head whole, beside the adapter's own tensors. */
  peft: (head, { config, tensors, ...format }) => ({
    ...format,
    config: { ...config, task_type: 'SEQ_CLS', modules_to_save: HEAD_MODULES },
    tensors: [...tensors, ...storedAlike(head, headPrefix(config))],
  }),
  /** AdapterHub keeps it in a file of its own, under its name in the model. */
  adapterhub: (head, format) => ({ ...format, head: storedAlike(head, '') }),
}

function addHead(applied: AppliedMethod, model: ModelDefinition): AppliedMethod {
  const head = headOf(model)
  if (head.length === 0) return applied
  const { adapter } = applied
  return {
    ...applied,
    trainable: [...applied.trainable, ...head.map(trained)],
    ...(adapter && { adapter: storedWith[adapter.layout](head, adapter) }),
  }
}

/** What is left of an adapter_config.json for its method: the head is no variant of it. */
function configWithoutHead(config: Json): Json {
  const { modules_to_save: modules, ...rest } = config
  const isHead = config['task_type'] === 'SEQ_CLS' && Array.isArray(modules)
  return isHead && modules.every((name) => HEAD_MODULES.includes(name as string)) ? rest : config
}

/**
 * A method that also trains the weights which a model's head has of its own: those of a classification, that hardly any
 * checkpoint brings. The method itself is put on the model without them.
 */
export function withHead(method: Method): Method {
  const { applyStored, fromAdapterConfig } = method
  return {
    ...method,
    countTrainable: (model, values) =>
      headOf(model).reduce(
        (sum, { shape }) => sum + elementCount(shape),
        method.countTrainable(withoutHead(model), values),
      ),
    apply: (model, values) => addHead(method.apply(withoutHead(model), values), model),
    ...(applyStored && {
      applyStored: (model, values) => addHead(applyStored.call(method, withoutHead(model), values), model),
    }),
    ...(fromAdapterConfig && {
      fromAdapterConfig: (config) => fromAdapterConfig.call(method, configWithoutHead(config)),
    }),
  }
}
