-- Every address of 10.7.0.0/16 and fd07::/64 answers ping, from a language that has nothing of ours but the
-- shared library: what it declares was generated from the description of the ABI.
--   luajit answer.lua DECLARATIONS LIBRARY LAST    ends when it has answered as the address LAST

local ffi = require("ffi")
local constants = dofile(arg[1])
local ns = ffi.load(arg[2])

local function must(status)
  if status ~= ns.NS_OK then error(ffi.string(ns.ns_status_name(status)), 2) end
end

assert(ns.ns_abi_version() == ns.NS_VERSION_MAJOR * 0x10000 + ns.NS_VERSION_MINOR)
local stack = ffi.new("ns_stack *[1]")
must(ns.ns_stack_new(nil, stack, nil))

-- Called from inside ns_stack_run(): Lua's own function, by a closure of LuaJIT's.
local function on_request(_, request)
  local info = ffi.new("ns_packet_info")
  must(ns.ns_request_get_info(request, info, ffi.sizeof(info)))
  local text = ffi.new("char[?]", ns.NS_ADDRESS_TEXT_SIZE)
  must(ns.ns_address_format(info.destination, text, ns.NS_ADDRESS_TEXT_SIZE))
  must(ns.ns_request_reply(request))
  print("answered as " .. ffi.string(text))
  if ffi.string(text) == arg[3] then ns.ns_stack_stop(stack[0]) end
  return ns.NS_VERDICT_CONSUMED
end
local handler = ffi.cast("ns_icmp_request_fn", on_request)
local forwarder = ffi.new("ns_icmp_forwarder *[1]")
must(ns.ns_icmp_forwarder_new(nil, handler, nil, nil, forwarder, nil))
must(ns.ns_stack_set_icmp_forwarder(stack[0], ns.NS_FAMILY_ANY, forwarder[0], nil))

local tun = ffi.new("ns_link *[1]")
local failure = ffi.new("ns_error *[1]")
if ns.ns_link_tun_new("tun0", nil, tun, failure) ~= ns.NS_OK then
  error(ffi.string(ns.ns_error_message(failure[0])))
end
must(ns.ns_stack_add_nic(stack[0], 1, tun[0], nil, nil))
must(ns.ns_stack_add_local_prefix(stack[0], 1, "10.7.0.0/16", nil))
must(ns.ns_stack_add_local_prefix(stack[0], 1, "fd07::/64", nil))
assert(ns.ns_stack_get_next_deadline(stack[0]) == constants.NS_TIME_NEVER)

-- What calls back into Lua must not be compiled.
jit.off(true, true)
must(ns.ns_stack_run(stack[0], nil))
ns.ns_icmp_forwarder_free(forwarder[0])
ns.ns_link_free(tun[0])
ns.ns_stack_free(stack[0])
handler:free()
