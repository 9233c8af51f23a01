-- wrk script: one operation of Tessera. Arguments: create|get PATH ORIGIN; a create makes a contentInstance of about 100 bytes.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
  thread:set("number", #threads)
end

function init(args)
  operation, path, origin = args[1], args[2], args[3]
  count, failed = 0, 0
end

function request()
  count = count + 1
  local id = number .. "-" .. count
  if operation == "create" then
    return wrk.format("POST", path, {["X-M2M-Origin"] = origin, ["X-M2M-RI"] = id, ["X-M2M-RVI"] = "3", ["Content-Type"] = "application/json;ty=4"},
      '{"m2m:cin":{"cnf":"application/json:0","con":"{\\"temperature\\":21.5,\\"humidity\\":48,\\"id\\":\\"' .. id .. '\\"}"}}')
  end
  return wrk.format("GET", path, {["X-M2M-Origin"] = origin, ["X-M2M-RI"] = id, ["X-M2M-RVI"] = "3"})
end

function response(status)
  if status >= 300 then failed = failed + 1 end
end

function done(summary, latency)
  local refused = 0
  for _, thread in ipairs(threads) do refused = refused + thread:get("failed") end
  io.write(string.format('{"requests":%d,"us":%d,"p50":%d,"p99":%d,"failed":%d,"errors":%d}\n', summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), refused,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
