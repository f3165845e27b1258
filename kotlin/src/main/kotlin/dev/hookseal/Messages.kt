package dev.hookseal

import dev.hookseal.ffi.MessageName
import dev.hookseal.ffi.SendResult
import dev.hookseal.ffi.Sender as Native

/** What was sent: looking it up, and deleting what it says. */
public class Messages internal constructor(private val native: Native) {
    /**
     * A message by the event's id, which is unique within its tenant.
     *
     * @throws ConfigException `not_found`
     */
    public suspend fun find(id: String, tenant: String? = null): StoredMessage = calling {
        native.message(MessageName.Id(id, tenant)).dressed()
    }

    /**
     * A message by its name in the store.
     *
     * @throws ConfigException `not_found`
     */
    public suspend fun get(key: Long): StoredMessage = calling {
        native.message(MessageName.Key(key)).dressed()
    }

    /**
     * Deletes what a message says and what receivers answered to it, and cancels its pending
     * deliveries; false if its body was gone.
     *
     * @throws ConfigException `not_found`
     */
    public suspend fun expunge(key: Long): Boolean = calling {
        native.expunge(MessageName.Key(key))
    }
}

internal fun SendResult.dressed(): Result<Message> =
    failure?.let { Result.failure(it.exception()) }
        ?: Result.success(checkNotNull(message).dressed())
