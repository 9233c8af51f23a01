// An AE as a page or a program has it: one WebSocket connection (TS-0020), requests both ways over it. Whatever happens is reported.

const CREATE = 1, RETRIEVE = 2, AE = 2, CNT = 3, SUB = 23

export class Application {
  constructor(WebSocket, url, originator, report) {
    this.originator = originator
    this.report = report
    this.waiting = new Map()
    this.socket = new WebSocket(url, 'oneM2M.json')
    this.opened = new Promise((resolve, reject) => {
      this.socket.addEventListener('open', () => resolve(this.socket.protocol))
      this.socket.addEventListener('close', event => reject(new Error(`closed: ${event.code}`)))
    })
    this.socket.addEventListener('message', event => this.take(JSON.parse(event.data)))
    this.socket.addEventListener('error', () => {}) // `close` follows
  }

  take(primitive) {
    if ('rsc' in primitive) {
      this.waiting.get(primitive.rqi)?.(primitive)
      this.waiting.delete(primitive.rqi)
      return
    }
    this.socket.send(JSON.stringify({rsc: 2000, rqi: primitive.rqi, rvi: '3'}))
    this.report({request: primitive})
  }

  ask(op, to, more = {}) {
    const rqi = `a${this.waiting.size}-${Date.now()}-${Math.random()}`
    return new Promise(resolve => {
      this.waiting.set(rqi, resolve)
      this.socket.send(JSON.stringify({op, to, fr: this.originator, rqi, rvi: '3', ...more}))
    })
  }
}

// Registers the AE with a container and a subscription to it; if there is one, it only says that it is there.
export async function run(WebSocket, url, name, report) {
  try {
    const me = `C${name}`, app = new Application(WebSocket, url, me, report)
    const protocol = await app.opened
    const made = [
      await app.ask(CREATE, 'cse-in', {ty: AE, pc: {'m2m:ae': {rn: name, api: 'N.page', rr: true, srv: ['3']}}}),
      await app.ask(CREATE, `cse-in/${name}`, {ty: CNT, pc: {'m2m:cnt': {rn: 'c'}}}),
      await app.ask(CREATE, `cse-in/${name}/c`, {ty: SUB, pc: {'m2m:sub': {rn: 's', nu: [me], enc: {net: [3]}}}}),
      await app.ask(RETRIEVE, `cse-in/${name}`),
    ]
    report({protocol, made: made.map(answer => answer.rsc), name: made[3].pc['m2m:ae']?.rn})
  } catch (error) {
    report({failed: String(error)})
  }
}
