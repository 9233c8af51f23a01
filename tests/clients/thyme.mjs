// node thyme.mjs HTTP-PORT MQTT-PORT NAME http|mqtt: the package ncube-thyme-typescript, over HTTP or MQTT alone.
//
// Left out is what needs a Mobius: getCSEBase() and ensureApplicationEntity() read before they are registered, ensureContainer()
// knows that there is no subscription by the very words of that server, deletions want what was deleted as their answer.
import thymePackage from 'ncube-thyme-typescript'

const {M2MOperation, M2MType, Thyme, ThymeCSE, ThymeProtocol} = thymePackage
const [http, mqtt, name, main] = process.argv.slice(2)
const report = what => console.log(JSON.stringify(what))
const overMqtt = {type: ThymeProtocol.MQTT, host: '127.0.0.1', port: Number(mqtt)}
const overHttp = {type: ThymeProtocol.HTTP, host: '127.0.0.1', port: Number(http)}
const rootCSE = {name: 'cse-in', id: 'id-in'}

try {
  const thyme = new Thyme(main === 'http' ? {main: overHttp, sub: overMqtt} : {main: overMqtt})
  await thyme.connect()
  const ask = (fr, opcode, params, more = {}) =>
    thyme.mainProtocol.request({opcode, params, rootCSE, header: {'X-M2M-RI': 'x', 'X-M2M-Origin': fr}, ...more})

  const cse = new ThymeCSE(thyme, (await ask('CAdmin', M2MOperation.RETRIEVE, [])).response['m2m:cb'])
  const ae = await cse.connectAE(await cse.createApplicationEntity(name))
  await ae.createContainer('led', 1024)
  report({cse: cse.cseId, ae: ae.aei})

  const nu = [`${thyme.subProtocol.getBaseURL()}/${ae.aei}?ct=json`]
  await ask(ae.aei, M2MOperation.CREATE, [name, 'led'], {resType: M2MType.Subscribe, body: {'m2m:sub': {rn: 'thyme_cin_sub', enc: {net: [3]}, nu}}})
  const led = await ae.ensureContainer('led', 1024) // it is there, and so is its subscription
  // it looks for a subscription by its path from the CSEBase on; here its CSE stands before it, TS-0004 6.3.3
  const source = {...led, parentAE: {...ae, parentCSE: {cseId: 'id-in', cseName: '/id-in/cse-in'}}}
  await thyme.subProtocol.subscribeContainer(source, 'thyme_cin_sub', cin => report({told: cin.con}))
  for (const value of ['100', '200', '300'])
    report({added: (await led.addContentInstance(value)).value})
  report({last: await led.queryLastValue(), container: (await ae.queryContainer('led')).maxBufferSize})
  report({refused: await ae.queryContainer('none').catch(error => error.responseCode)})
} catch (error) {
  report({failed: String(error.stack)})
}
