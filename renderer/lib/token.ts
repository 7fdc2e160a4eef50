const storageKey = 'graft-token'

interface Place {
  readonly hash: string
  readonly replaceHash: (hash: string) => void
}

type Store = Pick<Storage, 'getItem' | 'setItem'>

/**
 * The web host's token: taken from the address the first time (and removed from it, so that it is not copied along with
 * a link), afterwards from this tab's storage. Undefined where the page was opened without it.
 */
export function takeToken(place: Place, store: Store): string | undefined {
  const match = /^#token=([^&]+)&?(.*)$/.exec(place.hash)
  if (match?.[1] === undefined) return store.getItem(storageKey) ?? undefined
  const token = decodeURIComponent(match[1])
  store.setItem(storageKey, token)
  place.replaceHash(match[2] ? `#${match[2]}` : '#/')
  return token
}
