package dev.hookseal

import dev.hookseal.ffi.Sender as Native
import java.time.Duration
import kotlinx.coroutines.flow.Flow

/**
 * An endpoint that was just created, and what its requests are signed with: to be shown this once.
 */
public class CreatedEndpoint
internal constructor(
    /** The endpoint. */
    public val endpoint: StoredEndpoint,
    /** Its secret; null if requests are not signed. */
    public val secret: Secret?,
) {
    /** Its name in the store. */
    public val id: Long
        get() = endpoint.id

    override fun toString(): String = "CreatedEndpoint(id=$id)"
}

/** Who gets events: create, change, disable, delete. */
public class Endpoints internal constructor(private val native: Native) {
    /**
     * Creates an endpoint. Its secret is generated unless one is given.
     *
     * @throws ConfigException `invalid_url`, `invalid_secret`, `invalid_argument`, `closed`
     * @throws DeliveryException `blocked_address`
     * @throws StoreException
     */
    public suspend fun create(
        url: String,
        name: String? = null,
        events: List<String>? = null,
        tenant: String? = null,
        secret: Secret? = null,
        settings: EndpointSettings = EndpointSettings(),
    ): CreatedEndpoint {
        val fields =
            settings.copy(
                url = url,
                name = name ?: settings.name,
                events = events ?: settings.events,
                tenant = tenant ?: settings.tenant,
            )
        val created = calling { native.createEndpoint(fields.native(), secret?.native) }
        return CreatedEndpoint(created.endpoint.dressed(), created.secret?.let(::Secret))
    }

    /** @throws ConfigException `not_found` */
    public suspend fun get(id: Long): StoredEndpoint = calling { native.endpoint(id).dressed() }

    /** At most [limit] endpoints, in the order of their creation, from where [cursor] says. */
    public suspend fun list(
        tenant: String? = null,
        active: Boolean? = null,
        cursor: Long? = null,
        limit: Int = 100,
    ): EndpointPage = calling {
        native.listEndpoints(tenant, active, cursor, size(limit)).dressed()
    }

    /** All endpoints, in the order of their creation. */
    public fun all(tenant: String? = null, active: Boolean? = null): Flow<StoredEndpoint> =
        paged { cursor ->
            list(tenant, active, cursor).let { it.items to it.cursor }
        }

    /**
     * Changes an endpoint, for what is pending too; what is named in [reset] goes back to its
     * default.
     *
     * @param version fails with `conflict` if the endpoint's version is not this one
     * @throws ConfigException `not_found`, `conflict`, `invalid_url`, `invalid_argument`
     */
    public suspend fun update(
        id: Long,
        changes: EndpointSettings,
        reset: Set<EndpointSetting> = emptySet(),
        version: Long? = null,
    ): StoredEndpoint = calling {
        native.updateEndpoint(id, changes.native(), reset.toList(), version).dressed()
    }

    /**
     * Enables an endpoint, releases what was held and forgets failures; false if it was enabled.
     */
    public suspend fun enable(id: Long): Boolean = calling { native.enableEndpoint(id) }

    /** Disables an endpoint and holds what is pending; false if it was disabled. */
    public suspend fun disable(id: Long): Boolean = calling { native.disableEndpoint(id) }

    /** Deletes an endpoint and its secrets. What is pending is canceled; the log stays. */
    public suspend fun delete(id: Long): Unit = calling { native.deleteEndpoint(id) }

    /**
     * Gives an endpoint another secret and returns it. The old ones sign beside it for as long as
     * [overlap], where requests of the provider carry several signatures.
     *
     * @throws ConfigException `not_found`, `invalid_secret`
     */
    public suspend fun rotateSecret(
        id: Long,
        secret: Secret? = null,
        overlap: Duration = Duration.ofDays(1),
    ): Secret = Secret(calling { native.rotateSecret(id, secret?.native, overlap) })
}
