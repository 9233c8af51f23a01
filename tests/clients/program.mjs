// node program.mjs URL NAME: the same with the npm package ws. What happens is a line of JSON each.
import {WebSocket} from 'ws'
import {run} from './application.mjs'

const [url, name] = process.argv.slice(2)
run(WebSocket, url, name, what => console.log(JSON.stringify(what)))
