import { Feed } from './feed.js'
import { logIn, offerLogin } from './login.js'
import { offerPbxs } from './picker.js'
import { View } from './view.js'

const query = new URLSearchParams(location.search)
const pbx = query.get('pbx')
const view = new View(pbx, query.get('view') === 'wall')
const feed = new Feed(pbx, () => view.show(feed))

// A screen on a wall has no keyboard: its address brings the token, behind the # which no server is sent.
const [, token] = /^#token=(.+)$/.exec(location.hash) ?? []
if (token !== undefined) {
  history.replaceState(null, '', location.pathname + location.search)
  await logIn(decodeURIComponent(token))
}
offerLogin(() => feed.open())
offerPbxs(feed, pbx)
feed.start()
setInterval(() => view.tick(feed), 1000)
