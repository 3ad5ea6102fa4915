# Sidekiq's job, and with `enqueue` the seconds in which so many are pushed in bulks of 1,000.
require "sidekiq"

ENV["REDIS_URL"] = ENV.fetch("PEER_REDIS")
Sidekiq.logger.level = Logger::WARN
# Debian's version of the client warns of each call that Debian's Sidekiq makes.
Redis.silence_deprecations = true
# Sidekiq's own driver is in Ruby; the one in C is a package of its own.
if ENV["PEER_DRIVER"] == "hiredis"
  Sidekiq.configure_server { |config| config.redis = { url: ENV["REDIS_URL"], driver: :hiredis } }
end

class NoOp
  include Sidekiq::Worker
  sidekiq_options retry: false

  def perform(body); end
end

if ARGV[0] == "enqueue"
  body = "x" * Integer(ENV.fetch("PEER_PAYLOAD"))
  start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  Integer(ENV.fetch("PEER_JOBS")).times.each_slice(1000) do |slice|
    Sidekiq::Client.push_bulk("class" => NoOp, "args" => slice.map { [body] })
  end
  puts Process.clock_gettime(Process::CLOCK_MONOTONIC) - start
elsif ARGV[0] == "version"
  puts "#{Sidekiq::VERSION}, Ruby #{RUBY_VERSION}"
end
