// node onem2m_client.mjs HTTP-PORT MQTT-PORT NAME: what the package onem2m_client offers, over HTTP and MQTT.
import onem2mClient from 'onem2m_client'

const [http, mqtt, name] = process.argv.slice(2)
const {Http, Mqtt, Model} = onem2mClient()
const base = `http://127.0.0.1:${http}/cse-in`, broker = `mqtt://127.0.0.1:${mqtt}`, me = `S${name}`
const report = what => console.log(JSON.stringify(what))
const created = async (parent, resource, key) => (await Http.createResource(parent, resource, me))[key].rn

try {
  report({base: (await Http.getResource(base, 'CAdmin'))['m2m:cb'].csi, cse: Model.getAccessPointInfo(base).cseName})
  report({made: [
    await created(base, {'m2m:ae': {rn: name, api: '0.2.481.1.0001', rr: true}}, 'm2m:ae'),
    await created(`${base}/${name}`, {'m2m:cnt': {rn: 'c'}}, 'm2m:cnt'),
  ]})
  const client = Mqtt.getClient(broker, me)
  const listens = new Promise(resolve => client.mqttClient.on('packetreceive', packet => packet.cmd === 'suback' && resolve()))
  client.on('notification', (server, to, parameters, net, data) => {
    if (data.notiEventType === 3 && data.resourceType === 'm2m:cin') // it subscribes to all events
      report({told: data.resource.con, by: data.resourcePath, to})
    return true // it is answered
  })
  await listens
  // as the package's own server has it, and as TS-0010 has it
  await Http.subscribeTo(`${base}/${name}/c`, 'plain', me, `${broker}/${me}`)
  await Http.subscribeTo(`${base}/${name}/c`, 'topic', me, `${broker}/oneM2M/req/id-in/${me}/json`)
  for (const con of ['1', '2', '3'])
    await Http.createResource(`${base}/${name}/c`, {'m2m:cin': {con}}, me)
  report({found: [
    (await Http.discoverResource(`${base}/${name}`, me, [3, 4], 10))['m2m:uril'].length,
    (await Http.discoverResource(`${base}/${name}/c`, me, 4, 2, 1))['m2m:uril'].length,
    (await Http.discoverDirectChildResource(`${base}/${name}`, me, ['3']))['m2m:ae']['m2m:cnt'].length,
  ]})
  await Http.unSubscribeFrom(`${base}/${name}/c`, 'plain', me)
  await Http.deleteResource(`${base}/${name}/c/la`, me)
  report({latest: (await Http.getResource(`${base}/${name}/c/la`, me))['m2m:cin'].con})
  report({refused: await Http.getResource(`${base}/${name}/none`, me).catch(error => error.statusCode)})
} catch (error) {
  report({failed: String(error.stack)})
}
