public import WorkerKit

extension PostgresTransaction {
  /// Says for which tenant the rest of this transaction reads and writes tables that keep tenants apart.
  ///
  /// Such a table has a policy that compares its column of tenants with the setting `millrace.tenant`, and forces it on
  /// its owner too. Without this call it shows no rows and takes none.
  public func restrict(to tenant: TenantID) throws(DriverError) {
    try run("SELECT set_config('millrace.tenant', $1, true)", [.text(tenant.rawValue)])
  }
}
