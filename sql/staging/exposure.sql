-- One row per service and tier that it is meant for. A service that is not here is meant for all of them.

select service, tier
from program_exposure
