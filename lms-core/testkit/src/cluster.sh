# Stops a cluster's servers and removes its files once the test process that made it has ended, however it ended: the kernel releases the lock.
# Arguments: the folder, pg_ctl.
dir=$1
pg_ctl=$2
exec 9<"$dir/user.lock"
flock --exclusive 9
for data in "$dir"/node*; do
  "$pg_ctl" --pgdata="$data" --mode=immediate stop 9<&-
done
rm -rf "$dir"
