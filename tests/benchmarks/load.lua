-- wrk's side of the benchmark. Arguments after the URL: create|query|list KEY [FILE OF IDS]
-- Every create has a prompt of its own; queries go over the ids in the file, one after another.
-- The last line of the output is JSON: requests, seconds, latencies in milliseconds, errors.

local path = "/v1/images/multi-image2image"
local headers = {["Content-Type"] = "application/json"}
local n = 0
local ids = {}

function init(args)
  headers["Authorization"] = "Bearer " .. args[2]
  if args[3] then
    for line in io.lines(args[3]) do ids[#ids + 1] = path .. "/" .. line end
  end
  if args[1] == "create" then
    request = create
  elseif args[1] == "query" then
    request = query
  else
    local asked = wrk.format("GET", path, headers)
    request = function() return asked end
  end
end

function create()
  n = n + 1
  return wrk.format("POST", path, headers,
    '{"model_name":"kling-v2-1","prompt":"two cats in a boat, picture number ' .. n ..
    '","n":1,"aspect_ratio":"16:9","subject_image_list":[{"subject_image":"https://pictures.example/cat.png"}]}')
end

function query()
  n = n % #ids + 1
  return wrk.format("GET", ids[n], headers)
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('{"requests":%d,"seconds":%f,"p50":%f,"p99":%f,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.status, e.connect + e.read + e.write + e.timeout))
end
