import WorkerKit

/// The routes that every dispatcher has.
enum StandardRoutes {
  static func all(_ services: APIServices) -> [APIRoute] {
    EventIntake(services).routes + EventListRoutes(services).routes + EventReplayRoutes(services).routes
      + EventRoutes(services).routes + JobRoutes(services).routes
      + CancelRoutes(services).routes + CallbackRoutes(services).routes + DeadLetterRoutes(services).routes
      + QueueRoutes(services).routes + HealthRoutes(services).routes + [MetricsRoute(services).route]
  }
}
