# Stops the test server and removes its files once no test process is left.
# Arguments: the folder, pg_ctl. Test processes hold a shared lock on users.lock for as long as
# they live; the kernel releases it however they end.
dir=$1
pg_ctl=$2
exec 7<"$dir/watchdog.lock" 8<"$dir/start.lock" 9<"$dir/users.lock"
flock --exclusive --nonblock 7 || exit 0 # another one watches
# A child does not inherit the lock on watchdog.lock: it must not outlive a killed watchdog.
while :; do
  flock --exclusive 9 7<&- # until nobody uses the server
  flock --unlock 9
  sleep 10 7<&- 8<&- 9<&- # the next test process is often on its way
  flock --exclusive 8 7<&- # nobody may start using it now
  if flock --exclusive --nonblock 9; then
    "$pg_ctl" --pgdata="$dir/data" --mode=immediate stop 7<&- 8<&- 9<&-
    rm -rf "$dir/data" "$dir/port"
    exit 0
  fi
  flock --unlock 8
done
