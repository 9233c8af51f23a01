"""Messages that are no request primitive, for the bindings whose messages are whole primitives: each is answered with 4000."""

MALFORMED = {
    "no JSON": "hello",
    "no object": "[1]",
    "empty": "",
    "no operation": '{"to":"/id-in/cse-in","rqi":"1"}',
    "no request identifier": '{"op":2,"to":"/id-in/cse-in"}',
    "no target": '{"op":2,"rqi":"1"}',
    "operation of a wrong type": '{"op":{},"to":"/id-in/cse-in","rqi":"1"}',
    "too deep": '{"op":2,"to":"/id-in/cse-in","rqi":"1","pc":' + "[" * 200 + "]" * 200 + "}",
    "cut off": '{"op":2,"to":"/id-in/cse-in","rqi":"1"',
}
