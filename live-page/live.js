import { Feed } from './feed.js'
import { logInByAddress, offerLogin } from './login.js'
import { offerPbxs } from './picker.js'
import { View } from './view.js'

const query = new URLSearchParams(location.search)
const pbx = query.get('pbx')
const view = new View(pbx, query.get('view') === 'wall')
const feed = new Feed(pbx, () => view.show(feed))

await logInByAddress()
offerLogin(() => feed.open())
offerPbxs(feed, pbx)
feed.start()
setInterval(() => view.tick(feed), 1000)
