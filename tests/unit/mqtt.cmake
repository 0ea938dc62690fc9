unit_test(test_mqtt_format mqtt_worker)
unit_test(test_mqtt_source mqtt_worker)
unit_test(test_mqtt_recordings mqtt_worker)
target_compile_definitions(test_mqtt_recordings PRIVATE MQTT_PAYLOADS="${CMAKE_CURRENT_SOURCE_DIR}/mqtt")
